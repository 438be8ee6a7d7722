/** Which outcome counts, and whether the sums add up. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Account,
  account,
  type Evidence,
  finalLine,
  isSettledIn,
  notCaughtAgain,
  type OutcomeRecord,
  verdict,
} from '../../../shared/domain/accounting.ts';
import type { Capture } from '../../../shared/domain/capture.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { finalOutcomes } from '../../../shared/domain/recoveryPoint.ts';
import type { PlanLine } from '../../../shared/domain/runPlan.ts';
import { kind, line, objectName } from './arbitraries.ts';

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

describe('the account', () => {
  const lines = fc.uniqueArray(
    fc
      .record({
        kind,
        name: objectName,
        outcome: fc.constantFrom(...finalOutcomes),
        size: fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: null }),
      })
      .map(line),
    { selector: objectKey, maxLength: 40 },
  );

  test('counts each object once and adds up, whatever the outcomes', () => {
    fc.assert(
      fc.property(lines, (some) => {
        const { counts, bytes, discrepancy } = account(some, some.length);
        expect(discrepancy).toBeNull();
        for (const outcome of finalOutcomes)
          expect(counts[outcome]).toBe(some.filter((each) => each.outcome === outcome).length);
        const { stored, carried, gone, skipped, failed, listed } = counts;
        expect(stored + carried + gone + skipped + failed).toBe(listed);
        const kept = some.filter(({ outcome }) => outcome === 'stored' || outcome === 'carried');
        expect(bytes).toBe(kept.reduce((sum, { size }) => sum + (size ?? 0), 0));
      }),
    );
  });

  test('an object too many or too few never goes unnoticed', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 9 }), (some, off) => {
        expect(account(some, some.length + off).discrepancy).toMatch(
          `${some.length + off} objects were listed, but ${some.length} have an outcome`,
        );
      }),
    );
  });

  test('an object twice is no object for another', () => {
    const twice = [line({ name: 'a' }), line({ name: 'A', outcome: 'failed' })];
    expect(account(twice, 2).discrepancy).toBe('1 objects are in the index twice');
  });
});

describe('the verdict', () => {
  const sums = (counts: Partial<Account['counts']>, discrepancy: string | null = null): Account => ({
    counts: { listed: 0, stored: 0, carried: 0, gone: 0, skipped: 0, failed: 0, ...counts },
    bytes: 0,
    discrepancy,
  });
  const facts = { listed: true, unlistedKinds: 0, unchecked: null, trouble: null };

  test.each<[string, Parameters<typeof verdict>[0], string, string | null]>([
    ['all stored', { ...facts, account: sums({ listed: 2, stored: 2 }) }, 'complete', null],
    ['all carried', { ...facts, account: sums({ listed: 2, carried: 2 }) }, 'complete', null],
    [
      'gone and skipped',
      { ...facts, account: sums({ listed: 3, stored: 1, gone: 1, skipped: 1 }) },
      'complete',
      null,
    ],
    ['an empty vault', { ...facts, account: sums({}) }, 'complete', null],
    ['only skipped', { ...facts, account: sums({ listed: 2, skipped: 2 }) }, 'complete', null],
    [
      'one failed',
      { ...facts, account: sums({ listed: 2, stored: 1, failed: 1 }) },
      'partial',
      '1 of 2 objects failed',
    ],
    [
      'one failed, one carried',
      { ...facts, account: sums({ listed: 2, carried: 1, failed: 1 }) },
      'partial',
      '1 of 2 objects failed',
    ],
    [
      'all failed',
      { ...facts, account: sums({ listed: 2, failed: 2 }) },
      'failed',
      'nothing was captured: all 2 objects failed',
    ],
    [
      'a kind unlisted',
      { ...facts, unlistedKinds: 1, account: sums({ listed: 1, stored: 1 }) },
      'partial',
      '1 kinds of object could not be listed',
    ],
    [
      'sums that do not add up',
      { ...facts, account: sums({ listed: 2, stored: 1 }, 'one is missing') },
      'partial',
      'one is missing',
    ],
    [
      'everything at once',
      { ...facts, unlistedKinds: 2, account: sums({ listed: 3, stored: 1, failed: 1 }, 'one is missing') },
      'partial',
      '1 of 3 objects failed; 2 kinds of object could not be listed; one is missing',
    ],
    ['not listed', { ...facts, listed: false, account: sums({}) }, 'failed', 'the vault was not listed'],
    [
      'not listed, with the reason',
      { ...facts, listed: false, trouble: 'refused', account: sums({}) },
      'failed',
      'the vault was not listed: refused',
    ],
  ])('%s', (_what, given, status, reason) => {
    expect(verdict(given)).toEqual({ status, reason });
  });
});
