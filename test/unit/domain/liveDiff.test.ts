/** What a secondary's versions are beside those of a point: behind, ahead, another, the same, or unknown; never the same by guess. */
import { expect, test } from 'vitest';
import { driftOf } from '../../../shared/domain/liveDiff.ts';
import type { IndexLine } from '../../../shared/domain/recoveryPoint.ts';
import { line } from './arbitraries.ts';

const made = 1_763_776_800;
const iso = (epoch: number) => new Date(epoch * 1000).toISOString();
const id = (digit: string) => digit.repeat(32);
const recorded = (fields: Partial<IndexLine> = {}) =>
  line({
    blob: 'b',
    created: made,
    capturedAt: iso(made + 100),
    versions: 5,
    versionsSeenAt: iso(made + 200),
    currentVersion: id('a'),
    ...fields,
  });
const live = (fields: object = {}) => ({
  versions: 5,
  at: iso(made + 999),
  created: made,
  version: id('a'),
  ...fields,
});

test.each<[string, string, number | null, IndexLine, ReturnType<typeof live> | null]>([
  ['the same count and newest id', 'same', 0, recorded(), live()],
  [
    'an older newest version there',
    'behind',
    2,
    recorded(),
    live({ created: made - 9, versions: 3, version: id('b') }),
  ],
  [
    'an older newest version, without a count',
    'behind',
    null,
    recorded({ versions: null }),
    live({ created: made - 9 }),
  ],
  ['fewer versions with the same newest', 'behind', 1, recorded(), live({ versions: 4 })],
  ['a newer version there', 'ahead', null, recorded(), live({ created: made + 9, versions: 6 })],
  ['more versions with the same newest', 'ahead', null, recorded(), live({ versions: 6 })],
  ['another newest version of the same second', 'other', null, recorded(), live({ version: id('c') })],
  ['versions that cannot be listed there', 'unknown', null, recorded(), null],
  ['a point that does not know how many', 'unknown', null, recorded({ versions: null }), live()],
  [
    'a count that may be older than the blob',
    'unknown',
    null,
    recorded({ versionsSeenAt: iso(made - 5) }),
    live(),
  ],
  ['a racy capture', 'unknown', null, recorded({ capturedAt: iso(made + 1) }), live()],
  ['a point that does not know the id', 'unknown', null, recorded({ currentVersion: null }), live()],
  ['two versions of one second there', 'unknown', null, recorded(), live({ version: null })],
  ['a point that does not know when it was made', 'unknown', null, recorded({ created: null }), live()],
])('%s: %s, missing %s', (_what, verdict, missing, recordedLine, seen) => {
  const drift = driftOf(recordedLine, seen);
  expect(drift).toMatchObject({ verdict, missing, live: seen?.versions ?? null });
  expect(drift.why).not.toBe('');
});

test('what is behind says what to do about it', () => {
  expect(driftOf(recorded(), live({ versions: 4 })).why).toMatch(/takes no further versions: replace it/);
});
