/** The limiters of the process above those of the vaults, under fake time: many vaults together, each below its own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NotNow } from '../../../shared/domain/errors.ts';
import type { Budget } from '../../../shared/domain/objects.ts';
import { processCeilings } from '../../../shared/policies/ceilings.ts';
import { createGovernor } from '../../../shared/policies/governor.ts';
import { mostInAWindow, patienceOf, windowMs } from './governorCaller.ts';

const forEver = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T02:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Governors that share the ceilings of one process; notes when each call of each was let through. */
function vaultsUnder(shards: number, count: number, budgets: Partial<Record<Budget, number>>) {
  const ceilings = processCeilings(shards);
  const begunAt = Date.now();
  const refused: number[] = [];
  const vaults = Array.from({ length: count }, () => ({
    governor: createGovernor({ budgets, ceilings, clock: { now: () => new Date() }, random: () => 0 }),
    starts: [] as number[],
  }));
  const call = (
    { governor, starts }: (typeof vaults)[number],
    budget: Budget,
    times: number,
    patienceMs = forEver,
  ) => {
    for (let i = 0; i < times; i += 1) {
      governor
        .run(budget, patienceOf(patienceMs), async () => void starts.push(Date.now() - begunAt))
        .catch((error: unknown) => {
          if (!(error instanceof NotNow)) throw error;
          refused.push(error.delayMs);
        });
    }
  };
  return { vaults, call, refused, all: () => vaults.flatMap(({ starts }) => starts) };
}

/** Half of what a subscription may do in 10 s: five times a vault's limits. */
const ceilingOf: Record<Budget, number> = { objects: 10_000, keys: 625, creates: 750 };

describe('many vaults of one process', () => {
  test.each([
    ['keys', 1, 10, 250],
    ['keys', 4, 5, 100],
    ['creates', 1, 5, 250],
    ['creates', 8, 3, 250],
    ['objects', 16, 4, 400],
  ] as const)(
    'calls for %s with %i shards: %i vaults of %i each stay below the share of the ceiling',
    async (budget, shards, count, perVault) => {
      const process = vaultsUnder(shards, count, { [budget]: perVault });
      for (const vault of process.vaults) process.call(vault, budget, perVault * 2);
      await vi.advanceTimersByTimeAsync(2 * windowMs);
      const share = ceilingOf[budget] / shards;
      expect(count * perVault).toBeGreaterThan(share);
      expect(mostInAWindow(process.all())).toBeLessThanOrEqual(Math.floor(share) + 1);
      // What is allowed is used, too.
      expect(process.all().length).toBeGreaterThanOrEqual(2 * share * 0.95);
      for (const { starts } of process.vaults)
        expect(mostInAWindow(starts)).toBeLessThanOrEqual(perVault + 1);
    },
  );

  test('a few vaults do not notice the ceiling: each is bound by its own budget alone', async () => {
    const process = vaultsUnder(1, 3, { keys: 100 });
    for (const vault of process.vaults) process.call(vault, 'keys', 300);
    await vi.advanceTimersByTimeAsync(3 * windowMs);
    for (const { starts } of process.vaults) {
      expect(mostInAWindow(starts)).toBeLessThanOrEqual(101);
      expect(starts.length).toBeGreaterThanOrEqual(295);
    }
  });

  test('the ceiling is shared: none of the vaults is left out', async () => {
    const process = vaultsUnder(8, 4, { keys: 100 });
    for (const vault of process.vaults) process.call(vault, 'keys', 100);
    await vi.advanceTimersByTimeAsync(windowMs);
    const made = process.vaults.map(({ starts }) => starts.length);
    expect(Math.min(...made)).toBeGreaterThanOrEqual(Math.max(...made) - 2);
    expect(Math.min(...made)).toBeGreaterThan(10);
  });

  test('the kinds of call have a ceiling each, and do not hold each other up', async () => {
    const process = vaultsUnder(32, 2, { objects: 400, keys: 100 });
    const [first, second] = process.vaults;
    if (first) process.call(first, 'keys', 100);
    if (second) process.call(second, 'objects', 300);
    await vi.advanceTimersByTimeAsync(windowMs);
    expect(second?.starts.length).toBe(300);
    expect(first?.starts.length).toBeLessThanOrEqual(21);
  });

  test('the pause of one vault does not pause another below the same ceiling', async () => {
    const process = vaultsUnder(1, 2, { objects: 400 });
    const [throttled, other] = process.vaults;
    if (throttled) process.call(throttled, 'objects', 50);
    throttled?.governor.throttled(60_000);
    if (other) process.call(other, 'objects', 50);
    await vi.advanceTimersByTimeAsync(windowMs);
    expect([throttled?.starts.length, other?.starts.length]).toEqual([0, 50]);
  });

  test('a job whose turn below the ceiling is further off than its patience goes back', async () => {
    const process = vaultsUnder(32, 2, { keys: 250 });
    for (const vault of process.vaults) process.call(vault, 'keys', 10, 2_000);
    await vi.advanceTimersByTimeAsync(0);
    for (const vault of process.vaults) process.call(vault, 'keys', 10, 2_000);
    await vi.advanceTimersByTimeAsync(2 * windowMs);
    expect(process.refused.length).toBeGreaterThan(0);
    expect(Math.min(...process.refused)).toBeGreaterThan(2_000);
    expect(process.all().length + process.refused.length).toBe(40);
  });
});

test.each([1, 2, 7, 32])('%i shards divide each ceiling evenly', async (shards) => {
  for (const budget of ['objects', 'keys', 'creates'] as const) {
    const turns = processCeilings(shards)[budget];
    const starts: number[] = [];
    const begunAt = Date.now();
    const share = ceilingOf[budget] / shards;
    const half = Math.ceil(share / 2);
    for (let i = 0; i < half; i += 1) void turns.take(async () => void starts.push(Date.now() - begunAt));
    await vi.advanceTimersByTimeAsync(windowMs);
    const lasted = (starts.at(-1) ?? 0) - (starts[0] ?? 0);
    expect(starts.length).toBe(half);
    expect(lasted).toBeGreaterThanOrEqual(((half - 1) * windowMs) / share - half);
  }
});
