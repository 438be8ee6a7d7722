/** Whose versions a run lists: everybody's often enough, about as many each time, whatever the schedule does. */
import { describe, expect, test } from 'vitest';
import { type Inventoried, isDueForInventory } from '../../../shared/domain/inventory.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.parse('2026-11-22T02:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

interface Seen extends Inventoried {
  versionsSeenAt: string | null;
  /** When it was seen last, or came to be. */
  since: number;
}
const objects = (count: number, from = 0, since = start): Seen[] =>
  Array.from({ length: count }, (_, n) => ({
    kind: 'secret',
    name: `object-${from + n}`,
    versionsSeenAt: null,
    capturedAt: null,
    since,
  }));

interface Told {
  /** How many each run looked at, and the longest time that one object was not looked at. */
  readonly perRun: number[];
  readonly longestMs: number;
}

/** Runs at these instants, some seconds off; each look succeeds some minutes later unless it fails. */
function simulate(
  all: Seen[],
  instants: readonly number[],
  everyDays: number,
  fails: (object: Seen, run: number) => boolean = () => false,
): Told {
  let longestMs = 0;
  const perRun = instants.map((at, run) => {
    const rules = {
      startedAt: new Date(at + (run % 7) * 1000),
      previousAt: run === 0 ? null : new Date(instants[run - 1] ?? 0),
      everyDays,
    };
    const present = all.filter(({ since }) => since <= at);
    const due = present.filter((object) => isDueForInventory(object, rules));
    for (const object of present) longestMs = Math.max(longestMs, at - object.since);
    for (const object of due.filter((candidate) => !fails(candidate, run))) {
      object.versionsSeenAt = iso(at + 10 * 60_000);
      object.since = at;
    }
    for (const object of present) {
      if (object.capturedAt === null) Object.assign(object, { capturedAt: iso(at + 60_000) });
    }
    return due.length;
  });
  return { perRun, longestMs };
}
const every = (ms: number, count: number) => Array.from({ length: count }, (_, n) => start + n * ms);

/** Far above what chance makes of a share: five standard deviations. */
const atMost = (count: number, share: number) => count * share + 5 * Math.sqrt(count * share) + 1;

describe('due for the inventory', () => {
  test.each([
    ['nightly', dayMs, 7, 1 / 6],
    ['hourly', hourMs, 7, 1 / 144],
    ['every six hours', 6 * hourMs, 2, 1 / 4],
    ['twice a day', 12 * hourMs, 30, 1 / 58],
  ])('%s runs see every object within the period, and look at even shares', (_, gap, days, share) => {
    const { perRun, longestMs } = simulate(objects(600), every(gap, (5 * days * dayMs) / gap), days);
    expect(longestMs).toBeLessThanOrEqual(days * dayMs);
    for (const count of perRun) expect(count).toBeLessThanOrEqual(atMost(600, share));
    const looks = perRun.reduce((sum, count) => sum + count, 0);
    expect(looks).toBeLessThanOrEqual(600 * share * perRun.length + 1);
  });

  test('runs far apart see every object within the period, or at every run', () => {
    expect(simulate(objects(300), every(7 * dayMs, 40), 30).longestMs).toBeLessThanOrEqual(30 * dayMs);
    expect(simulate(objects(50), every(7 * dayMs, 4), 7).perRun.slice(1)).toEqual([50, 50, 50]);
    expect(simulate(objects(50), every(dayMs, 4), 1).perRun.slice(1)).toEqual([50, 50, 50]);
  });

  test('one failed look of everybody costs nobody the period, in whichever run', () => {
    for (let failed = 1; failed < 14; failed += 1) {
      const { longestMs } = simulate(objects(200), every(dayMs, 30), 7, (_object, run) => run === failed);
      expect(longestMs).toBeLessThanOrEqual(7 * dayMs);
    }
  });

  test('what always fails is looked at in every run, and nobody else waits for it', () => {
    const all = objects(300);
    const broken = ({ name }: Seen) => name.endsWith('7');
    const { perRun } = simulate(all, every(dayMs, 28), 7, broken);
    expect(all.filter((object) => object.versionsSeenAt === null && !broken(object))).toEqual([]);
    for (const count of perRun.slice(7)) expect(count).toBeGreaterThanOrEqual(30);
  });

  test('after an outage of weeks everything is looked at once, and then even shares again', () => {
    const instants = [...every(dayMs, 14), ...every(dayMs, 60).slice(40)];
    const { perRun } = simulate(objects(600), instants, 7);
    expect(perRun[14]).toBe(600);
    for (const count of perRun.slice(15)) expect(count).toBeLessThanOrEqual(atMost(600, 1 / 6));
  });

  test('a crowd of new objects is spread over the period', () => {
    const crowd = objects(600, 300, start + 14 * dayMs);
    const { perRun, longestMs } = simulate([...objects(300), ...crowd], every(dayMs, 34), 7);
    expect(longestMs).toBeLessThanOrEqual(7 * dayMs);
    for (const count of perRun) expect(count).toBeLessThanOrEqual(atMost(900, 1 / 6));
  });

  test('a run a minute after the last looks at next to nothing', () => {
    const all = objects(600);
    simulate(all, every(dayMs, 10), 7);
    const soon = start + 9 * dayMs + 60_000;
    expect(simulate(all, [soon], 7).perRun[0]).toBeLessThan(5);
  });
});
