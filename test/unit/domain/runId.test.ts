/** Run ids: instants that sort as they are. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantOf, runIdOf } from '../../../shared/domain/runId.ts';
import { instant } from './arbitraries.ts';

test('every whole second names itself and is found again', () => {
  fc.assert(
    fc.property(instant, (date) => {
      expect(instantOf(runIdOf(date))).toEqual(date);
    }),
  );
});

test('names sort as their instants do', () => {
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      expect(Math.sign(a.getTime() - b.getTime())).toBe(
        runIdOf(a) < runIdOf(b) ? -1 : runIdOf(a) > runIdOf(b) ? 1 : 0,
      );
    }),
  );
});

test('milliseconds are cut off, not rounded', () => {
  expect(runIdOf(new Date('2026-11-22T02:00:00.999Z'))).toBe('20261122T020000Z');
});

test.each([
  ['30 February', '20260230T020000Z'],
  ['29 February of a common year', '20260229T000000Z'],
  ['month 13', '20261322T020000Z'],
  ['day 0', '20261100T020000Z'],
  ['hour 24', '20261122T240000Z'],
  ['second 60', '20261122T020060Z'],
  ['no zone', '20261122T020000'],
  ['an offset', '20261122T020000+01'],
  ['dashes', '2026-11-22T02:00:00Z'],
  ['lower case', '20261122t020000z'],
  ['something before', ' 20261122T020000Z'],
  ['something after', '20261122T020000Z\n'],
  ['a path', '../20261122T020000Z'],
  ['nothing', ''],
  ['latest', 'latest'],
])('%s is no run id', (_what, text) => {
  expect(instantOf(text)).toBeNull();
});

test('29 February of a leap year is one', () => {
  expect(instantOf('20280229T000000Z')).toEqual(new Date('2028-02-29T00:00:00Z'));
});
