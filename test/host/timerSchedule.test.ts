/** The decisions of a timer: what is past due, what a changed schedule means, what a run leaves behind. */
import { describe, expect, test } from 'vitest';
import { parseSchedule } from './cron.ts';
import { statusAfterRun, statusAtStart } from './timerSchedule.ts';

const at = (time: string) => new Date(`2026-11-21T${time}Z`);
const hourly = parseSchedule('0 0 * * * *', 'test');
const halfPast = parseSchedule('0 30 * * * *', 'test');

describe('at start', () => {
  test.each([
    ['before the next occurrence', '10:59:00', false],
    ['at it', '11:00:00', false],
    ['after it', '11:00:01', true],
    ['long after it', '23:59:00', true],
  ])('%s', (_, now, isPastDue) => {
    const stored = { last: at('10:00:00'), next: at('11:00:00'), lastUpdated: at('10:00:00') };
    expect(statusAtStart(stored, hourly, at(now))).toEqual({ status: stored, changed: false, isPastDue });
  });

  test('a timer that never ran can be past due as well', () => {
    const stored = { last: undefined, next: at('11:00:00'), lastUpdated: at('10:20:00') };
    expect(statusAtStart(stored, hourly, at('12:00:00')).isPastDue).toBe(true);
  });

  test('a changed schedule is never past due', () => {
    const stored = { last: at('10:00:00'), next: at('11:00:00'), lastUpdated: at('10:00:00') };
    expect(statusAtStart(stored, halfPast, at('12:00:00'))).toEqual({
      status: { last: undefined, next: at('12:30:00'), lastUpdated: at('12:00:00') },
      changed: true,
      isPastDue: false,
    });
    expect(statusAtStart(stored, halfPast, at('10:10:00')).status.next).toEqual(at('10:30:00'));
  });
});

describe('after a run', () => {
  const before = { last: at('10:00:00'), next: at('11:00:00'), lastUpdated: at('10:00:00') };

  test('that fired a little early, its own occurrence does not come again', () => {
    expect(statusAfterRun(before, hourly, at('10:59:59.990'), false)).toEqual({
      last: at('11:00:00'),
      next: at('12:00:00'),
      lastUpdated: at('11:00:00'),
    });
  });

  test('that fired late, the next one counts from its time', () => {
    expect(statusAfterRun(before, hourly, at('11:00:00.020'), false).next).toEqual(at('12:00:00'));
  });

  test('out of turn, the next occurrence still comes', () => {
    expect(statusAfterRun(before, hourly, at('10:20:00'), true).next).toEqual(at('11:00:00'));
  });
});
