/** When a settling work waits, sends again, and gives up. */
import { describe, expect, test } from 'vitest';
import type { Settling } from '../../../shared/domain/settling.ts';
import { type SettleFacts, settleLook } from '../../../shared/engine/settling.ts';

const start = Date.parse('2026-11-22T02:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000);
const leaseMs = 600_000;
const settling = (fields: Partial<Settling> = {}): Settling => ({
  missing: 5,
  progressAt: at(0).toISOString(),
  rounds: 0,
  looks: 0,
  ...fields,
});
const look = (fields: Partial<SettleFacts>) =>
  settleLook({ settling: settling(), missing: 5, pausedMs: 0, throughMs: 0, now: at(0), leaseMs, ...fields });

test.each([
  [0, 500],
  [1, 1_000],
  [5, 16_000],
  [6, 30_000],
  [50, 30_000],
])('after %i looks without progress it waits %i ms', (looks, delayMs) => {
  expect(look({ settling: settling({ looks }) })).toMatchObject({
    verdict: 'wait',
    delayMs,
    settling: { looks: looks + 1 },
  });
});

test.each<[string, Partial<SettleFacts>, number]>([
  ['until the rest should be through', { throughMs: 7_000 }, 7_000],
  ['a quarter of a second at least', { throughMs: 10 }, 250],
  ['half a minute at most', { throughMs: 600_000 }, 30_000],
  ['until the pause is over', { pausedMs: 9_000, throughMs: 1_000 }, 9_000],
])('with progress it waits %s', (_what, fields, delayMs) => {
  const progressed = { settling: settling({ looks: 9 }), missing: 4, ...fields };
  expect(look(progressed)).toMatchObject({ verdict: 'wait', delayMs, settling: { looks: 0 } });
});

describe('the clock of a lease', () => {
  test.each<[string, Partial<SettleFacts>, string]>([
    ['stands still for exactly a lease', { now: at(600) }, 'wait'],
    ['stands still for longer', { now: at(601) }, 'sendAgain'],
    ['starts again with progress', { now: at(601), missing: 4 }, 'wait'],
    ['starts again while the vault is paused', { now: at(601), pausedMs: 1 }, 'wait'],
    ['starts with the first look', { now: at(601), settling: settling({ missing: null }) }, 'wait'],
    ['does not start again with more missing', { now: at(601), missing: 6 }, 'sendAgain'],
    [
      'starts where the last message should be through',
      { now: at(700), settling: settling({ progressAt: at(200).toISOString() }) },
      'wait',
    ],
    ['has run out five times', { now: at(601), settling: settling({ rounds: 5 }) }, 'giveUp'],
    ['has run out four times', { now: at(601), settling: settling({ rounds: 4 }) }, 'sendAgain'],
  ])('it %s', (_what, fields, verdict) => {
    expect(look(fields).verdict).toBe(verdict);
  });

  test('progress moves it to now, never back', () => {
    expect(look({ now: at(100), missing: 4 })).toMatchObject({
      settling: { missing: 4, progressAt: at(100).toISOString() },
    });
    const ahead = settling({ progressAt: at(300).toISOString() });
    expect(look({ now: at(100), missing: 4, settling: ahead })).toMatchObject({
      settling: { progressAt: at(300).toISOString() },
    });
  });
});

test('sending again counts a round, and starts the clock where the messages should be through', () => {
  const again = look({ now: at(601), settling: settling({ rounds: 2, looks: 9 }) });
  const sentAgain = again.verdict === 'sendAgain' ? again.sentAgain(20_000) : null;
  expect(sentAgain).toEqual({ missing: 5, progressAt: at(621).toISOString(), rounds: 3, looks: 0 });
});
