/** What becomes of an object before its vault is asked: carried only if nothing can have changed, and kept while disabled. */
import { describe, expect, test } from 'vitest';
import {
  parsePortableName,
  portableCopyName,
  portableIndexName,
  portablePointName,
} from '../../../shared/domain/blobNames.ts';
import { planPortable } from '../../../shared/domain/portableDecide.ts';
import { emptyLine, type PortableLine } from '../../../shared/domain/portablePoint.ts';
import { type IndexLine, indexLine } from '../../../shared/domain/recoveryPoint.ts';

const now = new Date('2026-11-22T02:00:00Z');
const captured = '2026-11-21T02:00:00.000Z';
const created = 1_700_000_000;

const line = (changed: Partial<IndexLine> = {}): IndexLine =>
  indexLine.parse({
    ...Object.fromEntries(Object.keys(indexLine.shape).map((field) => [field, null])),
    kind: 'secret',
    name: 'DB',
    outcome: 'stored',
    tagNames: [],
    created,
    updated: created,
    enabled: true,
    ...changed,
  });
const copy = (changed: Partial<PortableLine> = {}): PortableLine => ({
  ...emptyLine,
  kind: 'secret',
  name: 'db',
  outcome: 'stored',
  blob: 'contoso/portable/runs/20261121T020000Z/secrets/db.jwe',
  runId: '20261121T020000Z',
  capturedAt: captured,
  created,
  updated: created,
  enabled: true,
  ...changed,
});

function decide(
  object: IndexLine,
  base: PortableLine | null,
  facts: { same?: boolean; fullEveryDays?: number } = {},
) {
  const earlier = new Map(base ? [['secrets/db', base]] : []);
  const { same = true, fullEveryDays = 7 } = facts;
  const { settled, work } = planPortable([object], {
    isIncluded: () => true,
    base: same ? earlier : new Map(),
    earlier,
    now,
    fullEveryDays,
  });
  return settled[0]?.outcome ?? (work[0]?.again ? 'again' : 'copy');
}

describe('an object', () => {
  test.each<[string, IndexLine, PortableLine | null, string]>([
    ['without an earlier copy', line(), null, 'copy'],
    ['unchanged', line(), copy(), 'carried'],
    ['carried before', line(), copy({ outcome: 'carried' }), 'carried'],
    ['with a new version', line({ created: created + 9, updated: created + 9 }), copy(), 'copy'],
    ['with changed attributes', line({ updated: created + 9 }), copy(), 'copy'],
    [
      'changed in the second of the copy',
      line(),
      copy({ capturedAt: new Date(created * 1000 + 1900).toISOString() }),
      'copy',
    ],
    ['that failed before', line(), copy({ outcome: 'failed', blob: null, capturedAt: null }), 'copy'],
    ['whose native backup failed', line({ outcome: 'failed' }), null, 'copy'],
    ['gone', line({ outcome: 'gone' }), copy(), 'gone'],
    ['that a certificate owns', line({ outcome: 'skipped', reason: 'managed: …' }), null, 'skipped'],
    ['disabled, never copied', line({ enabled: false }), null, 'disabled'],
    ['disabled since', line({ enabled: false, updated: created + 9 }), copy(), 'carried'],
    [
      'disabled since, and carried so already: its line has a change that is newer than the copy',
      line({ enabled: false, updated: Date.parse(captured) / 1000 + 9 }),
      copy({ outcome: 'carried', enabled: false, updated: Date.parse(captured) / 1000 + 9 }),
      'carried',
    ],
    [
      'enabled again after that',
      line({ updated: Date.parse(captured) / 1000 + 99 }),
      copy({ outcome: 'carried', enabled: false, updated: Date.parse(captured) / 1000 + 9 }),
      'copy',
    ],
    ['disabled after a new version', line({ enabled: false, created: created + 9 }), copy(), 'disabled'],
  ])('%s', (_what, object, base, outcome) => {
    expect(decide(object, base)).toBe(outcome);
  });

  test('is copied anew when its copy gets older than storage keeps what is carried', () => {
    expect(decide(line(), copy(), { fullEveryDays: 1 })).toBe('carried');
    expect(decide(line(), copy({ capturedAt: '2026-11-21T01:59:59Z' }), { fullEveryDays: 1 })).toBe('copy');
  });

  test('that is disabled is stored again before its copy gets too old: nobody could read it anew', () => {
    const old = copy({ capturedAt: '2026-11-14T01:59:59Z' });
    expect(decide(line({ enabled: false }), old)).toBe('again');
    expect(decide(line({ enabled: false }), old, { same: false })).toBe('again');
  });

  test('is copied anew for other recipients, but a disabled one keeps the copy that there is', () => {
    expect(decide(line(), copy(), { same: false })).toBe('copy');
    expect(decide(line({ enabled: false }), copy(), { same: false })).toBe('carried');
  });
});

test('a carried secret has the attributes of now: disabled stays disabled', () => {
  const { settled } = planPortable([line({ enabled: false, updated: created + 9, expires: 5 })], {
    isIncluded: () => true,
    base: new Map(),
    earlier: new Map([['secrets/db', copy()]]),
    now,
    fullEveryDays: 7,
  });
  expect(settled[0]).toMatchObject({
    outcome: 'carried',
    enabled: false,
    updated: created + 9,
    expires: 5,
    runId: '20261121T020000Z',
  });
});

test('names of portable blobs tell their run, and no other name does', () => {
  const runId = '20261121T020000Z';
  for (const name of [
    portableCopyName('Contoso', runId, { kind: 'secret', name: 'DB-1' }),
    portableCopyName('Contoso', runId, { kind: 'certificate', name: 'www' }),
    portableIndexName('Contoso', runId, 'a'.repeat(64)),
    portablePointName('Contoso', runId),
  ])
    expect(parsePortableName(name)).toEqual({ vault: 'contoso', runId });
  for (const name of [
    `contoso/portable/runs/${runId}/keys/x.jwe`,
    'contoso/portable/points/x.json',
    `contoso/runs/${runId}/x`,
  ])
    expect(parsePortableName(name)).toBeNull();
});
