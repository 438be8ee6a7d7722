/** Turns under fake time: in order, evenly, several per job of Bottleneck where the spacing is short. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTurns } from '../../../shared/policies/turns.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T02:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.each([
  [400, 1],
  [25, 1],
  [10, 1],
  [5, 2],
  [2.5, 4],
  [1, 10],
])('every %f ms, in the order of asking, none early (%i per job)', async (spacingMs) => {
  const turns = createTurns({ spacingMs });
  const begunAt = Date.now();
  const starts: number[] = [];
  const order: number[] = [];
  for (let i = 0; i < 41; i += 1)
    void turns.take(async () => {
      starts.push(Date.now() - begunAt);
      order.push(i);
    });
  await vi.advanceTimersByTimeAsync(41 * spacingMs + 100);
  expect(order).toEqual(Array.from({ length: 41 }, (_, i) => i));
  const first = starts[0] ?? 0;
  // Timers count whole milliseconds, and one of none takes one.
  for (const [i, at] of starts.entries()) expect(at - first).toBeGreaterThanOrEqual(i * spacingMs - 2);
  expect((starts.at(-1) ?? 0) - first).toBeLessThanOrEqual(40 * spacingMs + 41);
});

test('askers that come one by one keep the spacing, too', async () => {
  const turns = createTurns({ spacingMs: 2.5 });
  const begunAt = Date.now();
  const starts: number[] = [];
  for (let i = 0; i < 60; i += 1) {
    void turns.take(async () => void starts.push(Date.now() - begunAt));
    await vi.advanceTimersByTimeAsync(i % 7);
  }
  await vi.advanceTimersByTimeAsync(2_000);
  expect(starts).toHaveLength(60);
  const inTenMs = starts.map((from) => starts.filter((at) => at >= from && at < from + 10).length);
  expect(Math.max(...inTenMs)).toBeLessThanOrEqual(5);
});

test('counts who waits, and those whose turn within a job is still to come', async () => {
  const turns = createTurns({ spacingMs: 2.5 });
  for (let i = 0; i < 6; i += 1) void turns.take(() => pause(0));
  expect(turns.waiting()).toBe(6);
  await vi.advanceTimersByTimeAsync(6);
  expect(turns.waiting()).toBeGreaterThan(2);
  await vi.advanceTimersByTimeAsync(100);
  expect(turns.waiting()).toBe(0);
});

test('a call that throws is its own caller’s, and holds up nobody', async () => {
  const turns = createTurns({ spacingMs: 2.5 });
  const all = Promise.allSettled(
    [1, 2, 3].map((i) =>
      turns.take(async () => {
        if (i === 2) throw new RangeError('of the call');
        return i;
      }),
    ),
  );
  await vi.advanceTimersByTimeAsync(200);
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('slower from the moment it is told, within a job as well', async () => {
  const turns = createTurns({ spacingMs: 2.5 });
  const begunAt = Date.now();
  const starts: number[] = [];
  for (let i = 0; i < 40; i += 1) void turns.take(async () => void starts.push(Date.now() - begunAt));
  await vi.advanceTimersByTimeAsync(30);
  const before = starts.length;
  turns.respace(40);
  await vi.advanceTimersByTimeAsync(1_000);
  // One job of four may have been on its way.
  expect(starts.length - before).toBeLessThanOrEqual(4 + 1_000 / 40 + 1);
});
