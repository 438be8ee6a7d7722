/** What build.mjs offers to the TypeScript of test/local. */
export function buildApp(): Promise<void>;
export function watchApp(onBuilt: () => void): Promise<() => Promise<void>>;
export function bundleCli(): Promise<Record<string, Uint8Array>>;
