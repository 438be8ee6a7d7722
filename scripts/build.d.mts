/** What build.mjs offers to the TypeScript of test/local. */
import type { BuildResult } from 'esbuild';

export function buildApp(): Promise<BuildResult>;
export function watchApp(onBuilt: () => void): Promise<() => Promise<void>>;
