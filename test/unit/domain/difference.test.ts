/** What came, changed and went; what is not known is not said. */
import { describe, expect, test } from 'vitest';
import { differenceOf, type Page, pageAfter } from '../../../shared/domain/difference.ts';
import type { IndexLine } from '../../../shared/domain/recoveryPoint.ts';
import { line } from './arbitraries.ts';

const of = (lines: IndexLine[], unknown: { kind: 'secret' | 'key'; reason: string }[] = []) => ({
  lines,
  unknown,
});
const base = {
  created: 1,
  updated: 2,
  enabled: true,
  contentType: 'text/plain',
  tagNames: ['team'],
  tagsDigest: 'a',
};

describe('the difference', () => {
  test('names what appeared, changed and disappeared, in order, and counts what did not change', () => {
    const was = [
      line({ name: 'gone-since', ...base }),
      line({ name: 'Same', ...base }),
      line({ name: 'b', ...base }),
    ];
    const is = [
      line({ name: 'new' }),
      line({ name: 'same', ...base, outcome: 'carried' }),
      line({ name: 'b', ...base, enabled: false, tagNames: ['owner', 'team'], tagsDigest: 'b' }),
    ];
    expect(differenceOf(of(was), of(is))).toEqual({
      counts: { appeared: 1, changed: 1, disappeared: 1, unchanged: 1 },
      unknown: [],
      objects: [
        {
          object: 'secrets/b',
          change: 'changed',
          attributes: [
            { attribute: 'enabled', from: true, to: false },
            { attribute: 'tagNames', from: ['team'], to: ['owner', 'team'] },
            { attribute: 'tagsDigest', from: 'a', to: 'b' },
          ],
        },
        { object: 'secrets/gone-since', change: 'disappeared', attributes: [] },
        { object: 'secrets/new', change: 'appeared', attributes: [] },
      ],
    });
  });

  test.each([
    ['created', 9],
    ['updated', 9],
    ['enabled', false],
    ['notBefore', 9],
    ['expires', 9],
    ['contentType', 'x'],
    ['tagsDigest', 'x'],
    ['x5t', 'x'],
  ])('sees %s change', (attribute, value) => {
    const { objects } = differenceOf(of([line(base)]), of([line({ ...base, [attribute]: value })]));
    expect(objects[0]?.attributes.map((changed) => changed.attribute)).toEqual([attribute]);
  });

  test.each(['currentVersion', 'keyType', 'publicKeyDigest'])(
    'compares %s only where both know it',
    (attribute) => {
      const known = (value: string | null) => of([line({ ...base, [attribute]: value })]);
      expect(differenceOf(known(null), known('a')).counts.unchanged).toBe(1);
      expect(differenceOf(known('a'), known(null)).counts.unchanged).toBe(1);
      expect(differenceOf(known('a'), known('b')).counts.changed).toBe(1);
    },
  );

  test('takes what failed or was skipped for there, and what was gone for not', () => {
    const [failed, skipped, gone] = (['failed', 'skipped', 'gone'] as const).map((outcome) =>
      of([line({ ...base, outcome })]),
    );
    const stored = of([line(base)]);
    for (const state of [failed, skipped])
      expect(differenceOf(state ?? stored, stored).counts).toMatchObject({ unchanged: 1, appeared: 0 });
    expect(differenceOf(gone ?? stored, stored).counts).toMatchObject({ appeared: 1 });
  });

  test('says nothing of a kind that one side could not list', () => {
    const key = line({ kind: 'key', name: 'k' });
    const refused = [{ kind: 'key' as const, reason: 'forbidden' }];
    for (const told of [differenceOf(of([key]), of([], refused)), differenceOf(of([], refused), of([key]))])
      expect(told).toEqual({
        objects: [],
        counts: { appeared: 0, changed: 0, disappeared: 0, unchanged: 0 },
        unknown: refused,
      });
  });
});

test('pages hold every object once, whatever the limit', () => {
  const all = Array.from({ length: 23 }, (_, n) => ({ object: `secrets/${String(n).padStart(2, '0')}` }));
  for (const limit of [1, 5, 22, 23, 24]) {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Page<{ object: string }> = pageAfter(all, after, limit);
      expect(page.objects.length).toBeLessThanOrEqual(limit);
      seen.push(...page.objects.map(({ object }) => object));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(all.map(({ object }) => object));
  }
  expect(pageAfter([], null, 5)).toEqual({ objects: [], next: null });
});
