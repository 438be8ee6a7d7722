/** The governor in peace and in pauses, under fake time: even spacing, and nobody waits long in a slot. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Governor } from '../../../shared/policies/governor.ts';
import { caller, callMany, mostInAWindow, patienceOf, windowMs } from './governorCaller.ts';

const forEver = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T02:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('spacing', () => {
  test.each([
    ['objects', 400],
    ['objects', 4000],
    ['objects', 100],
    ['keys', 25],
    ['keys', 1],
  ] as const)(
    'a rush on %s with budget %i goes through evenly, budget + 1 in any 10 s',
    async (budget, perWindow) => {
      const some = caller({ [budget]: perWindow });
      callMany(some, perWindow * 3, budget);
      await vi.advanceTimersByTimeAsync(windowMs * 3);
      const gaps = some.starts[budget].slice(1).map((at, i) => at - (some.starts[budget][i] ?? 0));
      expect(some.starts[budget].length).toBe(perWindow * 3);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(windowMs / perWindow - 2);
      expect(mostInAWindow(some.starts[budget])).toBeLessThanOrEqual(perWindow + 1);
    },
  );

  test('the two budgets do not hold each other up', async () => {
    const some = caller({ objects: 100, keys: 1 });
    callMany(some, 5, 'keys');
    callMany(some, 50, 'objects');
    await vi.advanceTimersByTimeAsync(5_000);
    expect([some.starts.objects.length, some.starts.keys.length]).toEqual([50, 1]);
  });

  test('a call alone does not wait', async () => {
    const some = caller({ objects: 1 });
    some.call();
    await vi.advanceTimersByTimeAsync(2);
    expect(some.starts.objects).toHaveLength(1);
  });

  test('at most 32 calls are in flight, however slow the vault is', async () => {
    const { governor } = caller({ objects: 4000 });
    let inFlight = 0;
    for (let i = 0; i < 60; i += 1) {
      void governor.run('objects', patienceOf(forEver), async () => {
        inFlight += 1;
        await new Promise(() => {});
      });
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(inFlight).toBe(32);
  });

  test('what a call answers or throws is handed on', async () => {
    const { governor } = caller();
    const calls = Promise.allSettled([
      governor.run('objects', patienceOf(forEver), () => Promise.reject(new RangeError('of the call'))),
      governor.run('keys', patienceOf(forEver), async () => 42),
    ]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await calls).toEqual([
      { status: 'rejected', reason: new RangeError('of the call') },
      { status: 'fulfilled', value: 42 },
    ]);
  });

  test('says its rate per second and budget', () => {
    const { governor } = caller({ objects: 400, keys: 25 });
    expect([governor.callsPerSecond('objects'), governor.callsPerSecond('keys')]).toEqual([40, 2.5]);
  });
});

describe('patience', () => {
  test('a call whose turn is further off than 2 s is answered NotNow at once, with how far', async () => {
    const some = caller({ objects: 10 });
    callMany(some, 20, 'objects', 2_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(some.refused.length).toBeGreaterThanOrEqual(15);
    expect(Math.min(...some.refused)).toBeGreaterThan(2_000);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(some.starts.objects.length).toBe(20 - some.refused.length);
    expect(Math.max(...some.starts.objects)).toBeLessThanOrEqual(3_010);
  });

  test('a pause blocks everybody, on both budgets', async () => {
    const some = caller();
    some.governor.throttled(1_500);
    callMany(some, 3, 'objects', 90_000);
    callMany(some, 3, 'keys', 90_000);
    await vi.advanceTimersByTimeAsync(1_499);
    expect(some.starts).toEqual({ objects: [], keys: [], creates: [] });
    await vi.advanceTimersByTimeAsync(10_000);
    expect([some.starts.objects.length, some.starts.keys.length, some.refused]).toEqual([3, 3, []]);
  });

  test('a pause sends jobs back at once with what is left of it, however short: their slot is not theirs alone', async () => {
    const some = caller();
    some.governor.throttled(9_000);
    some.call('objects', 2_000);
    await vi.advanceTimersByTimeAsync(4_000);
    some.call('keys', 2_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(some.refused).toEqual([9_000, 5_000]);
    await vi.advanceTimersByTimeAsync(4_500);
    some.call('objects', 2_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(some.refused).toEqual([9_000, 5_000, 700]);
    // Its place is behind the first of its budget.
    expect(some.starts.objects).toEqual([]);
  });

  test('those sent back return one after the other, at the rate of then, within half a minute', async () => {
    const some = caller({ objects: 100 });
    some.governor.throttled(4_000);
    callMany(some, 400, 'objects', 2_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(some.refused.slice(0, 3)).toEqual([4_000, 4_200, 4_400]);
    expect(Math.max(...some.refused)).toBe(34_000);
  });

  test('a vault of which every call hangs keeps no more slots than its calls', async () => {
    const some = caller({ objects: 1000 });
    const hang = () => new Promise<never>(() => {});
    for (let i = 0; i < 32; i += 1) void some.governor.run('objects', patienceOf(2_000), hang);
    await vi.advanceTimersByTimeAsync(500);
    // These wait for a turn that does not come; those that come later are not even let in.
    callMany(some, 5, 'objects', 2_000);
    await vi.advanceTimersByTimeAsync(1_000);
    callMany(some, 5, 'objects', 2_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(some.refused).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(some.refused).toHaveLength(10);
    expect(some.starts.objects).toEqual([]);
  });

  test('a slow vault is no hanging one: as long as calls end, others wait for theirs', async () => {
    const some = caller({ objects: 1000 });
    const slow = () => new Promise((resolve) => setTimeout(resolve, 20_000));
    for (let i = 0; i < 32; i += 1) {
      void some.governor.run('objects', patienceOf(2_000), slow);
      await vi.advanceTimersByTimeAsync(600);
    }
    some.call('objects', 2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([some.starts.objects.length, some.refused]).toEqual([1, []]);
  });

  test('a call that already stands in line when the pause comes goes back as well', async () => {
    const some = caller({ objects: 10 });
    callMany(some, 2, 'objects', 2_000);
    await vi.advanceTimersByTimeAsync(10);
    some.governor.throttled(30_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(some.starts.objects).toHaveLength(1);
    expect(some.refused).toEqual([expect.closeTo(29_000, -3)]);
  });

  test.each([
    ['a 429', (governor: Governor) => governor.throttled(5_000)],
    ['an outage', (governor: Governor) => void ['a', 'b', 'c'].map((key) => governor.sawUnreachable(key))],
  ])(
    'calls whose turn came within the pause after %s go evenly after it, not all at once',
    async (_what, pause) => {
      const some = caller({ objects: 100 });
      callMany(some, 30, 'objects', 90_000);
      pause(some.governor);
      await vi.advanceTimersByTimeAsync(60_000);
      const gaps = some.starts.objects.slice(1).map((at, i) => at - (some.starts.objects[i] ?? 0));
      expect(some.starts.objects).toHaveLength(30);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(98);
    },
  );

  test('a listing waits pauses out, one after the other, up to its patience', async () => {
    const some = caller();
    some.governor.throttled(5_000);
    some.call('objects', 90_000);
    await vi.advanceTimersByTimeAsync(4_000);
    some.governor.throttled(6_000);
    await vi.advanceTimersByTimeAsync(5_999);
    expect(some.starts.objects).toEqual([]);
    await vi.advanceTimersByTimeAsync(10);
    expect(some.starts.objects).toHaveLength(1);
  });
});
