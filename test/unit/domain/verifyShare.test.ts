/** The rotation: whatever days are verified, no blob waits longer than VERIFY_EVERY_DAYS, and none is read for nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dailySchedule, isDue, shareOf } from '../../../shared/domain/verifyShare.ts';

const day = (n: number, time = '05:30:00.000') =>
  `${new Date(n * 86_400_000).toISOString().slice(0, 11)}${time}Z`;
const blob = fc.string({ minLength: 1, maxLength: 40 });
const everyDays = fc.integer({ min: 1, max: 60 });
const firstDay = 20_000;

describe('a blob is due', () => {
  test('exactly once in as many days, if every day is verified', () => {
    fc.assert(
      fc.property(blob, everyDays, (name, days) => {
        const due = Array.from({ length: days }, (_, n) =>
          isDue(name, { since: day(firstDay + n), now: day(firstDay + n + 1), everyDays: days }),
        );
        expect(due.filter(Boolean)).toHaveLength(1);
      }),
    );
  });

  test('at least once in as many days, whichever days are missed', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(blob, everyDays, gaps, (name, days, steps) => {
        let at = firstDay;
        let seen = firstDay;
        for (const step of steps) {
          if (isDue(name, { since: day(at), now: day(at + step), everyDays: days })) seen = at + step;
          at += step;
          expect(at - seen).toBeLessThan(days);
        }
      }),
    );
  });

  test('if nothing was verified before, and not again on the same day', () => {
    expect(isDue('x', { since: null, now: day(1), everyDays: 30 })).toBe(true);
    const again = { since: day(1, '00:10:00.000'), now: day(1, '23:50:00.000'), everyDays: 1 };
    expect(isDue('x', again)).toBe(false);
  });
});

test('the shares of many blobs are about equal', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 5_000; i += 1) {
    const share = shareOf(`contoso/runs/20261122T020000Z/secrets/s${i}.1-1.secretbackup`, 10);
    counts[share] = (counts[share] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(400);
});

test('the daily one comes once a day', () => {
  const first = dailySchedule.next(new Date('2026-11-22T00:00:00Z'));
  expect(first?.toISOString()).toBe('2026-11-22T05:30:00.000Z');
  expect(dailySchedule.next(first ?? new Date())?.toISOString()).toBe('2026-11-23T05:30:00.000Z');
});
