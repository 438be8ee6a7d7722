/** The chain of recovery points: what was altered, removed or slipped in is found, and an honest chain is left alone. */
import { describe, expect, test } from 'vitest';
import { type ChainLink, chainFindings, headFinding } from '../../../shared/domain/chain.ts';

const id = (day: number, hour = 2) => `202611${day}T0${hour}0000Z`;
/** A point that names another as it is, sealed ten minutes after its run began unless said otherwise. */
function link(runId: string, previous: ChainLink | null, fields: Partial<ChainLink> = {}): ChainLink {
  const [, d, h] = /202611(\d\d)T(\d\d)/.exec(runId) ?? [];
  return {
    runId,
    sha256: `digest of ${runId}`,
    previous: previous && { runId: previous.runId, sha256: previous.sha256 },
    writtenAt: new Date(`2026-11-${d}T${h}:10:00Z`),
    ...fields,
  };
}
const first = link(id(20), null);
const second = link(id(21), first);
const third = link(id(22), second);
const fourth = link(id(23), third);
const found = (links: ChainLink[]) =>
  chainFindings('contoso', links).map(({ blob, reason }) => [blob, reason]);
const blobOf = (runId: string) => `contoso/recovery-points/${runId}.json`;

describe('an honest chain', () => {
  test.each<[string, ChainLink[]]>([
    ['of none', []],
    ['of one', [first]],
    ['from the first on', [first, second, third, fourth]],
    ['whose oldest point names one that has expired', [third, fourth]],
    [
      'in which a past-due timer names a run before one by hand',
      // By hand at five, and the timer of two o'clock past due at six: neither could name the other.
      [first, link(id(21), first, { writtenAt: new Date('2026-11-21T06:00:00Z') }), link(id(21, 5), first)],
    ],
    [
      'that goes on from the run by hand',
      [
        first,
        link(id(21), first, { writtenAt: new Date('2026-11-21T06:00:00Z') }),
        link(id(21, 5), first),
        link(id(22), link(id(21, 5), first)),
      ],
    ],
    [
      'with a point that cannot be read, which is told elsewhere',
      [first, { ...second, previous: undefined }, third],
    ],
  ])('%s', (_what, links) => expect(found(links)).toEqual([]));
});

describe('a broken chain', () => {
  test.each<[string, ChainLink[], string, RegExp]>([
    ['a point was altered', [first, { ...second, sha256: 'other' }, third], id(21), /altered/],
    ['a point was removed', [first, third], id(21), /not there any more/],
    ['a point was slipped in', [first, link(id(20, 5), first), second], id(20, 5), /slipped in/],
    ['the links to all before were cut', [first, second, link(id(22), null)], id(21), /slipped in/],
  ])('%s', (_what, links, runId, said) => {
    expect(found(links)).toEqual([[blobOf(runId), expect.stringMatching(said)]]);
  });
});

describe('the head of the verification before', () => {
  const head = { runId: second.runId, sha256: second.sha256 };
  test('is there as it was', () => expect(headFinding('contoso', head, [first, second, third])).toBeNull());
  test('is gone', () => {
    expect(headFinding('contoso', head, [first])).toMatchObject({ what: 'chain', blob: blobOf(id(21)) });
  });
  test('has other bytes', () => {
    const found = headFinding('contoso', head, [first, { ...second, sha256: 'other' }]);
    expect(found?.reason).toMatch(/another digest/);
  });
});
