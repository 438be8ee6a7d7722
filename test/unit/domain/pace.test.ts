/** How fast a vault may be called: pauses that grow, a rate that halves and comes back step by step. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Pace, paused, steadyPace, succeeded } from '../../../shared/domain/pace.ts';

const now = 1_000_000;
const pace = (fields: Partial<Pace> = {}): Pace => ({ ...steadyPace, ...fields });
const throttle = (from: Pace, fields: Partial<Parameters<typeof paused>[1]> = {}) =>
  paused(from, { now, random: 0, slower: true, ...fields });

describe('pausing', () => {
  test.each([
    [0, 1_000],
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [4, 16_000],
    [5, 16_000],
    [99, 16_000],
  ])('after %i pauses in a row the next one takes %i ms, and a quarter more at most', (streak, ms) => {
    expect(throttle(pace({ streak })).pausedUntil).toBe(now + ms);
    expect(throttle(pace({ streak }), { random: 1 }).pausedUntil).toBe(now + ms * 1.25);
    expect(throttle(pace({ streak })).streak).toBe(streak + 1);
  });

  test('a Retry-After of nothing pauses a second, so that a burst counts once; one of hours ten minutes', () => {
    let pace = steadyPace;
    for (let i = 0; i < 6; i += 1)
      pace = paused(pace, { now: 1000, retryAfterMs: 0, random: 0, slower: true });
    expect(pace).toMatchObject({ factor: 0.5, streak: 1, pausedUntil: 2000 });
    expect(
      paused(steadyPace, { now: 0, retryAfterMs: 86_400_000, random: 0, slower: true }).pausedUntil,
    ).toBe(600_000);
  });

  test('Retry-After is obeyed to the millisecond, shorter or longer than ours', () => {
    expect(throttle(pace(), { retryAfterMs: 7_000, random: 1 }).pausedUntil).toBe(now + 7_000);
    expect(throttle(pace({ streak: 4 }), { retryAfterMs: 1_500 }).pausedUntil).toBe(now + 1_500);
  });

  test.each([
    [1, 1 / 2],
    [1 / 2, 1 / 4],
    [1 / 8, 1 / 16],
    [1 / 16, 1 / 16],
  ])('a 429 at factor %d leaves %d', (before, after) => {
    expect(throttle(pace({ factor: before })).factor).toBe(after);
  });

  test('an outage pauses, but says nothing about our rate', () => {
    expect(throttle(pace({ factor: 0.5 }), { slower: false })).toMatchObject({
      factor: 0.5,
      pausedUntil: now + 1_000,
    });
  });

  test('a burst of answers to calls in flight counts once', () => {
    const once = throttle(pace());
    expect(throttle(once, { now: now + 999 })).toBe(once);
  });

  test('a Retry-After within a pause prolongs it, never shortens it, and counts no second time', () => {
    const once = throttle(pace(), { retryAfterMs: 5_000 });
    expect(throttle(once, { now: now + 1_000, retryAfterMs: 9_000 })).toEqual({
      ...once,
      pausedUntil: now + 10_000,
    });
    expect(throttle(once, { now: now + 1_000, retryAfterMs: 100 })).toEqual(once);
  });

  test('once the pause is over, the next 429 counts', () => {
    const once = throttle(pace());
    expect(throttle(once, { now: once.pausedUntil })).toMatchObject({ factor: 0.25, streak: 2 });
  });
});

describe('recovering', () => {
  test.each<[string, Partial<Pace>, Partial<Pace>]>([
    ['at full rate nothing changes', {}, {}],
    ['within a pause nothing counts', { pausedUntil: now + 1, factor: 0.5, streak: 2 }, {}],
    [
      'before 10 s are over, only the row of pauses ends',
      { factor: 0.5, changedAt: now - 9_999, streak: 2 },
      { streak: 0 },
    ],
    [
      'after 10 s it is an eighth faster',
      { factor: 0.5, changedAt: now - 10_000, streak: 2 },
      { streak: 0, factor: 0.625, changedAt: now },
    ],
    [
      'never faster than the budget',
      { factor: 15 / 16, changedAt: now - 10_000 },
      { factor: 1, changedAt: now },
    ],
  ])('%s', (_what, before, change) => {
    expect(succeeded(pace(before), now)).toEqual(pace({ ...before, ...change }));
  });

  test('from the slowest it needs eight quiet steps of 10 s', () => {
    let current = pace({ factor: 1 / 16, changedAt: now });
    let steps = 0;
    for (let at = now; current.factor < 1 && steps < 100; at += 10_000) {
      const next = succeeded(current, at);
      if (next.factor !== current.factor) steps += 1;
      current = next;
    }
    expect([current.factor, steps]).toEqual([1, 8]);
  });
});

describe('whatever happens', () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    kind: fc.constantFrom('throttled', 'outage', 'served'),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test('the factor stays within 1/16 and 1, and a pause is never cut short', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let current = steadyPace;
        let at = now;
        for (const { afterMs, kind, retryAfterMs, random } of events) {
          at += afterMs;
          const next =
            kind === 'served'
              ? succeeded(current, at)
              : paused(current, {
                  now: at,
                  random,
                  slower: kind === 'throttled',
                  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
                });
          expect(next.factor).toBeGreaterThanOrEqual(1 / 16);
          expect(next.factor).toBeLessThanOrEqual(1);
          expect(next.pausedUntil).toBeGreaterThanOrEqual(current.pausedUntil);
          const mayBeFaster = kind === 'served' && at >= current.pausedUntil;
          const maySlowDown = kind === 'throttled' && at >= current.pausedUntil;
          expect(next.factor).toBeLessThanOrEqual(mayBeFaster ? 1 : current.factor);
          expect(next.factor).toBeGreaterThanOrEqual(maySlowDown ? current.factor / 2 : current.factor);
          current = next;
        }
      }),
    );
  });
});
