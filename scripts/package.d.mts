/** What package.mjs offers to the TypeScript of test/e2e. */
export function packageApp(): Promise<Uint8Array>;
