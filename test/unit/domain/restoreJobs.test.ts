/** The messages of a restore: what is sent is read back, and no queue takes the other's. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBackupMessage,
  decodeRestoreMessage,
  encodeMessage,
  maxMessageBytes,
  type RestoreMessage,
  restoreQueueName,
} from '../../../shared/domain/jobs.ts';
import { restoreActions } from '../../../shared/domain/restorePlan.ts';
import { epoch, instant, kind, line, objectName, runId, vaultName } from './arbitraries.ts';

const hex = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'.split('')),
  minLength: 6,
  maxLength: 32,
});
const id = fc.tuple(runId, hex).map((parts) => parts.join('-'));
const planned = fc.record({
  action: fc.constantFrom(...restoreActions),
  why: fc.string(),
  line: fc
    .record({ kind, name: objectName, created: epoch, sha256: hex, contentType: fc.string() })
    .map((fields) => line({ outcome: 'stored', ...fields })),
});
const message: fc.Arbitrary<RestoreMessage> = fc.record({
  v: fc.constant(1 as const),
  job: fc.oneof(
    fc.record({ type: fc.constant('advanceRestore' as const), id }),
    fc.record({ type: fc.constant('restoreObject' as const), id, target: vaultName, planned }),
  ),
  notAfter: fc.option(
    instant.map((date) => date.toISOString()),
    { nil: null },
  ),
  attempt: fc.nat(),
});

test('every message is read back as it was sent', () => {
  fc.assert(
    fc.property(message, (sent) => {
      expect(decodeRestoreMessage(JSON.parse(encodeMessage(sent)))).toEqual(sent);
    }),
  );
});

test('no message of a restore is one of a backup', () => {
  fc.assert(
    fc.property(message, (sent) => {
      expect(decodeBackupMessage(JSON.parse(encodeMessage(sent)))).toHaveProperty('problems');
    }),
  );
});

test('the largest line that Key Vault allows fits a queue', () => {
  // Names up to 127, content types up to 255, 15 tags with names up to 512 (Key Vault's documented limits).
  const largest = line({
    name: 'n'.repeat(127),
    blob: 'b'.repeat(300),
    contentType: 'é'.repeat(255),
    tagNames: Array.from({ length: 15 }, (_, n) => `${n}`.padEnd(512, 'é')),
  });
  const job = {
    type: 'restoreObject' as const,
    id: '20261122T020000Z-0123456789ab',
    target: 'contoso-dr',
    planned: { action: 'replace' as const, why: 'w'.repeat(500), line: largest },
  };
  const sent = encodeMessage({ v: 1, job, notAfter: null, attempt: 0 });
  expect(Buffer.byteLength(sent)).toBeLessThan(maxMessageBytes);
});

describe('a message that is wrong in one place is refused by the name of that place', () => {
  const job = {
    type: 'restoreObject',
    id: '20261122T020000Z-0123456789ab',
    target: 'contoso-dr',
    planned: { action: 'restore', why: 'the name is free', line: line({ outcome: 'stored' }) },
  };
  const problemsOf = (fields: object): string[] => {
    const result = decodeRestoreMessage({ v: 1, job: { ...job, ...fields }, notAfter: null, attempt: 0 });
    return 'problems' in result ? result.problems : [];
  };

  test('the message that the table spoils is good', () => {
    expect(problemsOf({})).toEqual([]);
  });

  test.each<[string, object]>([
    ['job.type', { type: 'backUpObject' }],
    ['job.id', { id: '20261122T020000Z' }],
    ['job.id', { id: '../20261122T020000Z-0123456789ab' }],
    ['job.target', { target: 'a/b' }],
    ['job.planned', { planned: null }],
    ['job.planned.action', { planned: { ...job.planned, action: 'delete' } }],
    ['job.planned.line.name', { planned: { ...job.planned, line: { ...job.planned.line, name: 7 } } }],
    ['job', { secretValue: 'x' }],
  ])('%s: %j', (path, fields) => {
    expect(problemsOf(fields)).toEqual([expect.stringMatching(`^${path}: `)]);
  });
});

test('the queue has a name that storage accepts', () => {
  expect([restoreQueueName, `${restoreQueueName}-poison`]).toEqual(['restore-jobs', 'restore-jobs-poison']);
});
