/** Which outcome counts, and whether the sums add up. */
import { describe, expect, test } from 'vitest';
import {
  account,
  type Evidence,
  finalLine,
  isSettledIn,
  notCaughtAgain,
  type OutcomeRecord,
} from '../../../shared/domain/accounting.ts';
import type { Capture } from '../../../shared/domain/capture.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import type { PlanLine } from '../../../shared/domain/runPlan.ts';
import { line } from './arbitraries.ts';

const open: PlanLine = { ...line({ updated: 100 }), outcome: null };
const captured = (fields: Partial<Capture> = {}): Capture => ({
  blob: 'contoso/runs/20261122T020000Z/secrets/db-password.100-1.secretbackup',
  name: {
    vault: 'contoso',
    runId: '20261122T020000Z',
    kind: 'secret',
    name: 'db-password',
    updated: 100,
    pass: 1,
  },
  size: 5155,
  sha256: 'a'.repeat(64),
  capturedAt: '2026-11-22T02:00:05.000Z',
  key: null,
  ...fields,
});
const record = (outcome: OutcomeRecord['outcome']): OutcomeRecord => ({
  outcome,
  reason: `was ${outcome}`,
  pass: 1,
});
/** One pass: the line as the plan had it, or null while nothing is known of it. */
const settledLine = (planned: PlanLine, known: Evidence) =>
  isSettledIn(1, planned, known) ? finalLine([{ pass: 1, line: planned }], known) : null;
const evidence = (capture: Capture | null, ...outcomes: OutcomeRecord['outcome'][]): Evidence => ({
  captures: new Map(capture ? [[objectKey(open), [capture]]] : []),
  outcomes: new Map([[objectKey(open), outcomes.map(record)]]),
});

describe('which outcome counts', () => {
  test.each<[string, Evidence, string | null, string | null]>([
    ['nothing known', evidence(null), null, null],
    ['a blob', evidence(captured()), 'stored', null],
    ['a blob, although it was gone as well', evidence(captured(), 'gone'), 'stored', null],
    ['a blob, although it failed as well', evidence(captured(), 'failed'), 'stored', null],
    ['a blob, although it was skipped as well', evidence(captured(), 'skipped'), 'stored', null],
    ['gone', evidence(null, 'gone'), 'gone', 'was gone'],
    ['gone, although it failed first', evidence(null, 'failed', 'gone'), 'gone', 'was gone'],
    ['gone, although it was skipped first', evidence(null, 'skipped', 'gone'), 'gone', 'was gone'],
    ['skipped, although it failed first', evidence(null, 'failed', 'skipped'), 'skipped', 'was skipped'],
    ['failed', evidence(null, 'failed'), 'failed', 'was failed'],
  ])('%s', (_what, known, outcome, reason) => {
    const settled = settledLine(open, known);
    expect(settled?.outcome ?? null).toBe(outcome);
    expect(settled?.reason ?? null).toBe(reason);
  });

  test('a line that was settled in the plan stays as it is, whatever storage holds', () => {
    const skipped = line({ outcome: 'skipped', reason: 'managed: travels with its certificate' });
    expect(settledLine(skipped, evidence(captured(), 'failed'))).toBe(skipped);
  });

  test('evidence of another object is not taken', () => {
    expect(settledLine({ ...open, kind: 'key' }, evidence(captured(), 'gone'))).toBeNull();
  });

  test('the name’s spelling does not matter', () => {
    expect(settledLine({ ...open, name: 'DB-Password' }, evidence(captured()))?.outcome).toBe('stored');
  });

  test('a stored line tells where the blob is, and what the capture knew', () => {
    const key = {
      keyType: 'RSA',
      currentVersion: 'v1',
      publicKeyDigest: 'b'.repeat(64),
      rotationPolicy: { expiryTime: 'P90D', actions: [] },
    };
    const capture = captured({ key, name: { ...captured().name, updated: 170 } });
    expect(settledLine(open, evidence(capture))).toEqual({
      ...open,
      outcome: 'stored',
      reason: null,
      blob: capture.blob,
      size: 5155,
      sha256: 'a'.repeat(64),
      capturedAt: '2026-11-22T02:00:05.000Z',
      pass: 1,
      updated: 170,
      ...key,
    });
  });

  test('a capture without a change in its name keeps what the listing told', () => {
    const capture = captured({ name: { ...captured().name, updated: null } });
    expect(settledLine(open, evidence(capture))?.updated).toBe(100);
  });

  test('at the seal, what is missing is failed: notReached', () => {
    expect(finalLine([{ pass: 1, line: open }], evidence(null))).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^notReached: /),
    });
    expect(finalLine([{ pass: 1, line: open }], evidence(null, 'gone')).outcome).toBe('gone');
  });
});

describe('an object that changed during the run', () => {
  const changed: PlanLine = { ...open, updated: 200, enabled: false };
  const passes = [
    { pass: 1, line: open },
    { pass: 2, line: changed },
  ];
  const first = captured();
  const second = captured({ blob: 'second', name: { ...first.name, updated: 200, pass: 2 } });
  const knowing = (captures: Capture[], outcomes: OutcomeRecord[] = []): Evidence => ({
    captures: new Map([[objectKey(open), captures]]),
    outcomes: new Map([[objectKey(open), outcomes]]),
  });

  test('is stored as the newest pass captured it, with the attributes of that pass', () => {
    expect(finalLine(passes, knowing([second, first]))).toMatchObject({
      blob: 'second',
      updated: 200,
      enabled: false,
    });
    expect(notCaughtAgain(passes, knowing([second, first]))).toBe(false);
  });

  test('keeps its earlier capture, with those attributes, when it was not caught again', () => {
    const failedAgain = knowing([first], [{ outcome: 'failed', reason: 'x', pass: 2 }]);
    expect(finalLine(passes, failedAgain)).toMatchObject({
      outcome: 'stored',
      blob: first.blob,
      updated: 100,
      enabled: open.enabled,
    });
    expect(notCaughtAgain(passes, failedAgain)).toBe(true);
    expect(isSettledIn(2, changed, failedAgain)).toBe(true);
    expect(isSettledIn(2, changed, knowing([first]))).toBe(false);
  });

  test('keeps what was carried, when it was not caught again', () => {
    const carried = line({ outcome: 'carried', blob: 'earlier' });
    expect(
      finalLine(
        [
          { pass: 1, line: carried },
          { pass: 2, line: changed },
        ],
        knowing([]),
      ),
    ).toBe(carried);
  });
});

test('what does not add up is told: an object without a line, and one that is there twice', () => {
  const stored = line({ outcome: 'stored', size: 7 });
  expect(account([stored], 1)).toMatchObject({ bytes: 7, discrepancy: null });
  expect(account([stored], 2).discrepancy).toBe('2 objects were listed, but 1 have an outcome');
  expect(account([stored, stored], 2).discrepancy).toBe('1 objects are in the index twice');
});
