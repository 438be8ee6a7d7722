/** The governor after 429s and outages, under fake time: slower, step by step faster again, and never above budget. */
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { caller, callMany, mostInAWindow, windowMs } from './governorCaller.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T02:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('after a 429', () => {
  test('the pause is what Retry-After says, or a second', () => {
    const { governor } = caller();
    governor.throttled(undefined);
    expect(governor.pausedForMs()).toBe(1_000);
    governor.throttled(7_000);
    expect(governor.pausedForMs()).toBe(7_000);
  });

  test('both rates are halved, and come back in eighths every 10 s of served calls', async () => {
    const { governor } = caller({ objects: 400, keys: 40 });
    governor.throttled(1_000);
    expect([governor.callsPerSecond('objects'), governor.callsPerSecond('keys')]).toEqual([20, 2]);
    const rates: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      await vi.advanceTimersByTimeAsync(i === 0 ? 11_000 : windowMs);
      governor.served();
      rates.push(governor.callsPerSecond('objects'));
    }
    expect(rates.map(Math.round)).toEqual([25, 30, 35, 40, 40, 40]);
  });

  test('calls are spaced by the halved rate', async () => {
    const some = caller({ objects: 100 });
    some.governor.throttled(1_000);
    callMany(some, 100);
    await vi.advanceTimersByTimeAsync(1_000 + windowMs);
    expect(some.starts.objects.length).toBeGreaterThanOrEqual(49);
    expect(mostInAWindow(some.starts.objects)).toBeLessThanOrEqual(51);
  });

  test('served calls without a 10 s of peace change nothing', async () => {
    const { governor } = caller({ objects: 400 });
    governor.throttled(1_000);
    await vi.advanceTimersByTimeAsync(10_900);
    governor.served();
    expect(governor.callsPerSecond('objects')).toBe(20);
  });
});

describe('an outage', () => {
  test.each<[string, string[], boolean[]]>([
    ['three failures in succession of three objects', ['a', 'b', 'c'], [false, false, true]],
    ['three failures of two objects', ['a', 'b', 'a'], [false, false, true]],
    ['two failures', ['a', 'b'], [false, false]],
    [
      'one object, however often',
      Array.from({ length: 30 }, () => 'a'),
      Array.from({ length: 30 }, () => false),
    ],
  ])('%s', (_what, keys, outages) => {
    const { governor } = caller();
    expect(keys.map((key) => governor.sawUnreachable(key))).toEqual(outages);
    expect(governor.pausedForMs() > 0).toBe(outages.includes(true));
    expect(governor.callsPerSecond('objects')).toBe(10);
  });

  test('a served call in between ends the succession', () => {
    const { governor } = caller();
    const keys = ['a', 'b'].map((key) => governor.sawUnreachable(key));
    governor.served();
    expect([...keys, governor.sawUnreachable('c'), governor.sawUnreachable('d')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(governor.sawUnreachable('e')).toBe(true);
  });
});

describe('whatever the schedule of calls and 429s', () => {
  const event = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('calls' as const),
        count: fc.integer({ min: 1, max: 60 }),
        patienceMs: fc.constantFrom(2_000, 90_000),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('throttled' as const),
        retryAfterMs: fc.constantFrom(undefined, 500, 5_000, 20_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('served' as const) }) },
  );
  const schedule = fc.array(fc.tuple(fc.integer({ min: 0, max: 8_000 }), event), { maxLength: 25 });

  test('no window of 10 s holds more than budget + 1 calls', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, fc.constantFrom(10, 100, 400, 2000), async (events, perWindow) => {
        const some = caller({ objects: perWindow });
        for (const [afterMs, what] of events) {
          await vi.advanceTimersByTimeAsync(afterMs);
          if (what.kind === 'calls') callMany(some, what.count, 'objects', what.patienceMs);
          else if (what.kind === 'throttled') some.governor.throttled(what.retryAfterMs);
          else if (what.kind === 'served') some.governor.served();
          else for (const key of ['a', 'b', 'c']) some.governor.sawUnreachable(key);
        }
        await vi.advanceTimersByTimeAsync(120_000);
        expect(mostInAWindow(some.starts.objects)).toBeLessThanOrEqual(perWindow + 1);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
