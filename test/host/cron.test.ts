/** NCRONTAB: what it accepts, what it refuses, and when it occurs. */
import { expect, test } from 'vitest';
import { parseSchedule } from './cron.ts';

test.each([
  ['0 */5 * * * *', '2026-11-21T00:05:00Z'],
  ['5/15 * * * * *', '2026-11-21T00:00:05Z'],
  ['30 2 * * *', '2026-11-21T02:30:00Z'], // five fields: no seconds
  ['0 0 2 * * *', '2026-11-21T02:00:00Z'],
  ['0 0 9-17 * * MON-FRI', '2026-11-23T09:00:00Z'],
  ['0 0 0 13 * Fri', '2027-08-13T00:00:00Z'], // day of month AND day of week
  ['0 0 0 1 jan,jul *', '2027-01-01T00:00:00Z'],
  ['0 0 0 29 2 *', '2028-02-29T00:00:00Z'],
])('%s occurs first at %s', (schedule, first) => {
  expect(parseSchedule(schedule, 'test').next(new Date('2026-11-21T00:00:00Z'))).toEqual(new Date(first));
});

test('the next occurrence is strictly after', () => {
  const hourly = parseSchedule('0 0 * * * *', 'test');
  expect(hourly.next(new Date('2026-11-21T01:00:00Z'))).toEqual(new Date('2026-11-21T02:00:00Z'));
});

test.each([
  ['0 0 2 L * *'],
  ['0 0 0 ? * *'],
  ['0 0 0 * * MON#1'],
  ['0 0 0 15W * *'],
  ['0 0 0 * * 7'],
  ['0 60 * * * *'],
  ['0 0 0 30 2 *'],
  ['@daily'],
  ['* * * *'],
  ['0 0 0 * * * 2026'],
  ['00:05:00'],
])('%s is refused', (schedule) => {
  expect(() => parseSchedule(schedule, 'Function f')).toThrow(
    /^Function f: .*not recognized as a valid NCRONTAB/,
  );
});

test.each([
  ['* * * * * *', true],
  ['0,30 0 3 * * *', true],
  ['0,59 * * * * *', true],
  ['0 * * * * *', false],
  ['30 */2 * * * *', false],
])('%s fires more than once a minute: %s', (schedule, expected) => {
  expect(parseSchedule(schedule, 'test').moreThanOnceAMinute).toBe(expected);
});
