/** Blobs that no point names: each is told by what it is, but for those that are nobody's concern. */
import { expect, test } from 'vitest';
import { unnamedOf } from '../../../shared/domain/unnamed.ts';

const capture = (runId: string, name = 'a') => `contoso/runs/${runId}/secrets/${name}.1-1.secretbackup`;
const around = {
  named: (name: string) => name.includes('named'),
  sealed: new Set(['20261121T020000Z']),
  active: '20261122T020000Z',
  expired: (runId: string) => runId < '20261001T000000Z',
};
const whyOf = (name: string) => unnamedOf([{ name, size: 7 }], around).blobs[0]?.why ?? null;

test.each([
  ['a capture that its run’s point does not name', capture('20261121T020000Z'), 'superseded'],
  [
    'an index of another sealer',
    'contoso/runs/20261121T020000Z/objects.0123456789abcdef.ndjson',
    'superseded',
  ],
  ['a capture of a run without a point', capture('20261120T020000Z'), 'unsealed'],
  ['something in a run’s folder', 'contoso/runs/20261121T020000Z/notes.txt', 'stranger'],
  ['something beside the points', 'contoso/recovery-points/latest.json', 'stranger'],
  ['something in a folder of its own', 'contoso/mine/x', 'stranger'],
  ['what a point names', capture('20261120T020000Z', 'named'), null],
  ['the settings of the vault itself', 'contoso/config/20261121T020000Z.json', null],
  ['something beside those', 'contoso/config/20261121T020000Z.json.bak', 'stranger'],
  ['a point', 'contoso/recovery-points/20261121T020000Z.json', null],
  ['a capture of the run that goes on', capture('20261122T020000Z'), null],
  ['a capture whose points have expired', capture('20260901T020000Z'), null],
])('%s', (_what, name, why) => expect(whyOf(name)).toBe(why));

test('all are counted, a hundred are listed', () => {
  const blobs = Array.from({ length: 250 }, (_, i) => ({
    name: capture('20261120T020000Z', `s${i}`),
    size: 2,
  }));
  const { blobs: listed, ...counts } = unnamedOf(blobs, around);
  expect(counts).toEqual({ superseded: 0, unsealed: 250, stranger: 0, bytes: 500 });
  expect(listed).toHaveLength(100);
});
