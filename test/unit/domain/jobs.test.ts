/** Queue messages: what is sent is read back, everything else is refused by the name of what is wrong. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBackupMessage,
  encodeMessage,
  type JobMessage,
  maxMessageBytes,
} from '../../../shared/domain/jobs.ts';
import { backupQueueName } from '../../../shared/domain/shards.ts';
import { epoch, instant, kind, objectName, runId, vaultName } from './arbitraries.ts';

const iso = instant.map((date) => date.toISOString());
const advance = fc.record({ type: fc.constant('advanceRun' as const), vault: vaultName, runId });
const backUp = fc.record({
  type: fc.constant('backUpObject' as const),
  vault: vaultName,
  runId,
  pass: fc.integer({ min: 1, max: 2 }),
  kind,
  name: objectName,
  created: fc.option(epoch, { nil: null }),
  updated: fc.option(epoch, { nil: null }),
  startedAt: iso,
});
const message: fc.Arbitrary<JobMessage> = fc.record({
  v: fc.constant(1 as const),
  job: fc.oneof(advance, backUp),
  notAfter: fc.option(iso, { nil: null }),
  attempt: fc.nat(),
});

test('every message is read back as it was sent', () => {
  fc.assert(
    fc.property(message, (sent) => {
      expect(decodeBackupMessage(JSON.parse(encodeMessage(sent)))).toEqual(sent);
    }),
  );
});

test('every message fits a queue with room to spare', () => {
  fc.assert(
    fc.property(message, (sent) => {
      expect(Buffer.byteLength(encodeMessage(sent))).toBeLessThan(1024);
    }),
  );
  expect(Math.ceil(maxMessageBytes / 3) * 4).toBeLessThanOrEqual(64 * 1024);
});

test('the payload sits under job, so that no field hides the trigger’s metadata', () => {
  fc.assert(
    fc.property(message, (sent) => {
      const sentKeys = Object.keys(JSON.parse(encodeMessage(sent)) as object);
      expect(sentKeys.toSorted()).toEqual(['attempt', 'job', 'notAfter', 'v']);
    }),
  );
});

describe('a message that is wrong in one place is refused by the name of that place', () => {
  const good = {
    v: 1,
    job: {
      type: 'backUpObject',
      vault: 'contoso',
      runId: '20261122T020000Z',
      pass: 1,
      kind: 'secret',
      name: 'db-password',
      created: 1_700_000_000,
      updated: 1_700_000_000,
      startedAt: '2026-11-22T02:00:00.000Z',
    },
    notAfter: null,
    attempt: 0,
  };
  const runsOwn = { type: 'advanceRun', vault: 'contoso', runId: '20261122T020000Z' };
  const problemsOf = (value: unknown): string[] => {
    const result = decodeBackupMessage(value);
    return 'problems' in result ? result.problems : [];
  };

  test('the message that the table spoils is good', () => {
    expect(problemsOf(good)).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['v', 2],
    ['v', undefined],
    ['job', undefined],
    ['job', 'advanceRun'],
    ['notAfter', 'tomorrow'],
    ['notAfter', undefined],
    ['attempt', -1],
    ['attempt', 0.5],
    ['attempt', '0'],
  ])('%s: %j', (field, value) => {
    expect(problemsOf({ ...good, [field]: value })).toEqual([expect.stringMatching(`^${field}: `)]);
  });

  test.each<[string, unknown]>([
    ['type', 'restoreObject'],
    ['vault', 'contoso/../other'],
    ['vault', ''],
    ['runId', '2026-11-22'],
    ['pass', 0],
    ['pass', 1.5],
    ['kind', 'secrets'],
    ['name', 'a/b'],
    ['name', 'a'.repeat(128)],
    ['name', ''],
    ['created', '1700000000'],
    ['updated', -1],
    ['startedAt', 1_700_000_000],
    ['startedAt', undefined],
  ])('job.%s: %j', (field, value) => {
    const problems = problemsOf({ ...good, job: { ...good.job, [field]: value } });
    expect(problems).toEqual([expect.stringMatching(`^job\\.${field}: `)]);
  });

  test('all wrong places are named at once', () => {
    const problems = problemsOf({ ...good, v: 3, attempt: -1, job: { ...good.job, name: '', pass: 0 } });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'v',
      'job.pass',
      'job.name',
      'attempt',
    ]);
  });

  test.each<[string, unknown]>([
    ['in the message', { ...good, id: 'x' }],
    ['in the job', { ...good, job: { ...good.job, secretValue: 'x' } }],
    ['in a run’s own job', { ...good, job: { ...runsOwn, secretValue: 'x' } }],
  ])('an unknown field %s is refused', (_where, value) => {
    expect(problemsOf(value).join()).toMatch(/"(id|secretValue)"/);
  });

  test.each([null, undefined, 'text', 7, [], {}])('%j is no message', (value) => {
    expect(problemsOf(value).length).toBeGreaterThan(0);
  });
});

test('a shard’s queue has a name that storage accepts', () => {
  expect(backupQueueName(0)).toBe('backup-jobs-0');
  expect(`${backupQueueName(15)}-poison`).toMatch(/^[a-z0-9](?:-?[a-z0-9]){2,62}$/);
});
