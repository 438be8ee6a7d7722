/** What the promises rest on, one line of code each, and the tests that must fail without it. */
export interface Mutation {
  readonly promise: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  readonly tests: string;
}

export const mutations: readonly Mutation[] = [
  {
    promise: 'the create-only condition',
    file: 'shared/azure/blobContainer.ts',
    from: "await put(name, blob, { ifNoneMatch: '*' });",
    to: 'await put(name, blob, {});',
    tests: 'test/contract/containers.test.ts',
  },
  {
    promise: 'the digest check before restore',
    file: 'shared/restore/restorePlain.ts',
    from: 'if (sha256Hex(found.bytes) !== line.sha256 || found.bytes.length !== line.size) {',
    to: 'if (found.bytes.length < 0) {',
    tests: 'test/unit/restore/blobs.test.ts',
  },
  {
    promise: 'the outcome accounting at seal',
    file: 'shared/domain/accounting.ts',
    from: 'sum !== listed\n',
    to: 'sum < 0\n',
    tests: 'test/unit/domain/accounting.test.ts',
  },
  {
    promise: "the ETag condition on the run's state",
    file: 'shared/azure/blobContainer.ts',
    from: "etag === null ? { ifNoneMatch: '*' } : { ifMatch: etag },",
    to: '{},',
    tests: 'test/contract/containers.test.ts',
  },
  {
    promise: 'the order of messages and state inside a step',
    file: 'shared/engine/advance.ts',
    from: 'if (!ended && !goOnHere) await machine.putBack(state, delayMs);',
    to: 'queueMicrotask(() => {});',
    tests: 'test/unit/backup/crash.test.ts',
  },
  {
    promise: 'the poison handler',
    file: 'shared/backup/poisoned.ts',
    from: "await recordOutcome(job, 'failed', error, deps);",
    to: 'void error;',
    tests: 'test/unit/backup/poisoned.test.ts',
  },
  {
    promise: 'the pause on 429',
    file: 'shared/policies/governedVault.ts',
    from: "if (error.code === 'throttled') {",
    to: "if (error.code === 'internal') {",
    tests: 'test/unit/policies',
  },
  {
    promise: 'the safety copy before replace',
    file: 'shared/restore/replaceObject.ts',
    from: 'if (!stored || sha256Hex(stored.bytes) !== sha256)',
    to: 'if (sha256.length < 0)',
    tests: 'test/unit/restore',
  },
  {
    promise: 'the comparison of the deleted bundle',
    file: 'shared/restore/replaceObject.ts',
    from: 'if (untold || !isCopied(deleted, copy) ||',
    to: 'if (untold ||',
    tests: 'test/unit/restore',
  },
  {
    promise: 'the deadline',
    file: 'shared/engine/advance.ts',
    from: 'const overdue = now() >= Date.parse(found.state.deadline);',
    to: 'const overdue = now() < 0;',
    tests: 'test/unit/backup/vaultTrouble.test.ts',
  },
];
