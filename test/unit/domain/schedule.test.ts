/** Schedules: strict NCRONTAB in UTC, and the run that a tick names. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSchedule, runIdForTick, type Schedule } from '../../../shared/domain/schedule.ts';

function schedule(text: string): Schedule {
  const parsed = parseSchedule(text);
  if ('problem' in parsed) throw new Error(`${text} ${parsed.problem}`);
  return parsed;
}
const instantsAfter = (text: string, from: string, count: number) => {
  const { next } = schedule(text);
  const found: string[] = [];
  for (let at = next(new Date(from)); at && found.length < count; at = next(at)) found.push(at.toISOString());
  return found;
};

describe('what fires when', () => {
  test.each([
    ['0 0 2 * * *', ['2026-11-22T02:00:00.000Z', '2026-11-23T02:00:00.000Z']],
    ['30 15 */6 * * *', ['2026-11-22T00:15:30.000Z', '2026-11-22T06:15:30.000Z']],
    ['0 0,30 9-10 * * MON-FRI', ['2026-11-23T09:00:00.000Z', '2026-11-23T09:30:00.000Z']],
    ['0 0 0 1 JAN *', ['2027-01-01T00:00:00.000Z', '2028-01-01T00:00:00.000Z']],
    ['0 0 0 29 2 *', ['2028-02-29T00:00:00.000Z', '2032-02-29T00:00:00.000Z']],
    ['0 0 0 * jul,sep sun', ['2027-07-04T00:00:00.000Z', '2027-07-11T00:00:00.000Z']],
    ['*/20 * * * * *', ['2026-11-22T00:00:20.000Z', '2026-11-22T00:00:40.000Z']],
  ])('%s', (text, expected) => {
    expect(instantsAfter(text, '2026-11-22T00:00:00Z', 2)).toEqual(expected);
  });

  test('day of month and weekday must both match, as NCRONTAB has it', () => {
    expect(instantsAfter('0 0 0 13 * FRI', '2026-11-22T00:00:00Z', 2)).toEqual([
      '2027-08-13T00:00:00.000Z',
      '2028-10-13T00:00:00.000Z',
    ]);
  });

  test('space around and between the fields does not matter', () => {
    expect(instantsAfter('  0  0 2 * * *\t', '2026-11-22T00:00:00Z', 1)).toEqual([
      '2026-11-22T02:00:00.000Z',
    ]);
  });
});

describe('what is refused, with a sentence', () => {
  test.each([
    ['', 'write six'],
    ['0 2 * * *', '5 fields; write six'],
    ['0 0 2 * * * 2027', '7 fields; write six'],
    ['@daily', 'write six'],
    ['0 0 0 L * *', 'only numbers'],
    ['0 0 0 l * *', 'only numbers'],
    ['0 0 0 ? * MON', 'only numbers'],
    ['0 0 0 * * MON#1', 'only numbers'],
    ['0 0 0 * * 5L', 'only numbers'],
    ['0 0 0 * * 5l', 'only numbers'],
    ['0 0 0 15W * *', 'only numbers'],
    ['0 0 0 15w * *', 'only numbers'],
    ['0 0 0 1 * +MON', 'only numbers'],
    ['0 0 0 * JULY *', 'only numbers'],
    ['0 0 0 * * 7', 'write 0 for Sunday'],
    ['0 0 0 * * 5-7', 'write 0 for Sunday'],
    ['0 0 0 * * SAT-SUN', 'write 0 for Sunday'],
    ['60 * * * * *', 'not a valid schedule'],
    ['0 60 * * * *', 'not a valid schedule'],
    ['0 0 24 * * *', 'not a valid schedule'],
    ['0 0 0 0 * *', 'not a valid schedule'],
    ['0 0 0 32 * *', 'not a valid schedule'],
    ['0 0 0 * 13 *', 'not a valid schedule'],
    ['0 0 0 * * FOO', 'not a valid schedule'],
    ['0 */0 * * * *', 'not a valid schedule'],
    ['0 1,,2 * * * *', 'not a valid schedule'],
    ['0 5-1 * * * *', 'not a valid schedule'],
    ['0 0 0 30 2 *', 'never fires'],
  ])('"%s": %s', (text, said) => {
    expect(parseSchedule(text)).toEqual({ problem: expect.stringContaining(said) });
  });
});

describe('the latest instant at or before', () => {
  const text = fc.constantFrom(
    '0 0 2 * * *',
    '*/7 * * * * *',
    '0 */15 * * * *',
    '0 0,30 9-17 * * MON-FRI',
    '0 0 0 1 * *',
    '30 59 23 31 12 *',
    '0 0 0 13 * FRI',
    '0,50 * * * * *',
    '0 0 0 29 2 *',
  );
  const at = fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2031-12-31T00:00:00Z'),
    noInvalidDate: true,
  });

  test('lies at or before it, is an instant of the schedule, and none lies between', () => {
    fc.assert(
      fc.property(text, at, (some, when) => {
        const parsed = schedule(some);
        const latest = parsed.latestAtOrBefore(when);
        expect(latest).not.toBeNull();
        const found = latest ?? new Date(0);
        expect(found.getTime()).toBeLessThanOrEqual(when.getTime());
        expect(parsed.next(new Date(found.getTime() - 1000))).toEqual(found);
        expect(parsed.next(found)?.getTime()).toBeGreaterThan(when.getTime());
      }),
    );
  });

  test('is the instant itself at the instant', () => {
    const two = new Date('2026-11-22T02:00:00Z');
    expect(schedule('0 0 2 * * *').latestAtOrBefore(two)).toEqual(two);
    expect(schedule('0 0 2 * * *').latestAtOrBefore(new Date(two.getTime() - 1))).toEqual(
      new Date('2026-11-21T02:00:00Z'),
    );
  });

  test('is null when there was none for four years', () => {
    const rare = schedule('0 0 0 29 2 SUN');
    expect(rare.next(new Date('2026-11-22T00:00:00Z'))).toEqual(new Date('2032-02-29T00:00:00Z'));
    expect(rare.latestAtOrBefore(new Date('2031-11-22T00:00:00Z'))).toBeNull();
  });
});

describe('the run that a tick names', () => {
  test.each([
    ['on time', '2026-11-22T02:00:00.000Z'],
    ['5 ms early', '2026-11-22T01:59:59.995Z'],
    ['29 s early', '2026-11-22T01:59:31.000Z'],
    ['30 s late', '2026-11-22T02:00:30.000Z'],
    ['hours past due', '2026-11-22T13:00:00.000Z'],
    ['a day past due, less a minute', '2026-11-23T01:59:00.000Z'],
  ])('a nightly tick %s names that night’s run', (_when, now) => {
    expect(runIdForTick(schedule('0 0 2 * * *'), new Date(now))).toBe('20261122T020000Z');
  });

  test('a tick that fires twice names one run', () => {
    const nightly = schedule('0 0 2 * * *');
    const ids = [-5, 0, 12, 900].map((ms) =>
      runIdForTick(nightly, new Date(Date.parse('2026-11-22T02:00:00Z') + ms)),
    );
    expect(new Set(ids)).toEqual(new Set(['20261122T020000Z']));
  });

  test('a minute too early is not this run yet', () => {
    expect(runIdForTick(schedule('0 0 2 * * *'), new Date('2026-11-22T01:59:00Z'))).toBe('20261121T020000Z');
  });

  test.each([
    ['*/20 * * * * *', -9_000, '20261122T020020Z'],
    ['*/20 * * * * *', 9_000, '20261122T020020Z'],
    ['*/20 * * * * *', 11_000, '20261122T020040Z'],
    ['0,20 * * * * *', -9_000, '20261122T020020Z'],
    ['0,20 * * * * *', 9_000, '20261122T020020Z'],
    ['0,20 0 2 * * *', -9_000, '20261122T020020Z'],
    ['15,20,25 * * * * *', -2_000, '20261122T020020Z'],
    ['15,20,25 * * * * *', 2_000, '20261122T020020Z'],
  ])(
    '%s: slack is half an interval at most, so a tick %i ms off 02:00:20 names %s',
    (text, off, expected) => {
      const tick = new Date(Date.parse('2026-11-22T02:00:20Z') + off);
      expect(runIdForTick(schedule(text), tick)).toBe(expected);
    },
  );

  test('a late tick of an uneven schedule does not name the instant after it', () => {
    expect(runIdForTick(schedule('0,20 0 2 * * *'), new Date('2026-11-22T02:00:05Z'))).toBe(
      '20261122T020000Z',
    );
    expect(runIdForTick(schedule('0,50 * * * * *'), new Date('2026-11-22T02:00:52Z'))).toBe(
      '20261122T020050Z',
    );
  });

  test('every tick up to 2 s off names the instant it was meant for', () => {
    const meant = fc.constantFrom('0 0 2 * * *', '*/10 * * * * *', '0 */5 * * * *', '0,50 * * * * *');
    const offMs = fc.integer({ min: -2_000, max: 2_000 });
    const day = fc.date({
      min: new Date('2026-01-01T00:00:00Z'),
      max: new Date('2030-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(meant, day, offMs, (text, from, off) => {
        const parsed = schedule(text);
        const due = parsed.next(from) ?? new Date(0);
        expect(runIdForTick(parsed, new Date(due.getTime() + off))).toBe(runIdForTick(parsed, due));
      }),
    );
  });

  test('a schedule without a past names no run', () => {
    expect(runIdForTick(schedule('0 0 0 29 2 SUN'), new Date('2031-11-22T00:00:00Z'))).toBeNull();
  });
});
