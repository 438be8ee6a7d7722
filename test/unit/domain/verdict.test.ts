/** Whether the sums of a run add up, and what it may call itself. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, account, verdict } from '../../../shared/domain/accounting.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { finalOutcomes } from '../../../shared/domain/recoveryPoint.ts';
import { kind, line, objectName } from './arbitraries.ts';

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
