/** What the final pass of a move brings, and how a comparison with the target is read. */
import { describe, expect, test } from 'vitest';
import { finalPassOf, overlaid } from '../../../shared/domain/moveChanges.ts';
import { comparisonOf } from '../../../shared/domain/moveCompare.ts';
import type { RestoredObject } from '../../../shared/domain/moveTravel.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { alreadyThere } from '../../../shared/domain/restorePlan.ts';
import { byObject, key, object, planned } from './moveFacts.ts';

describe('the final pass', () => {
  const changed = (object: string, change: 'changed' | 'appeared' | 'disappeared') => ({
    object,
    change,
    attributes: [],
  });
  const restored = (key: string, outcome: RestoredObject['outcome'], fields = {}) =>
    planned(key, { outcome, ...fields });

  test('brings what changed, what is new and what did not come; nothing else', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => object(`secrets/${name}`));
    const after = [
      ...before.filter(({ name }) => name !== 'd'),
      object('secrets/new'),
      object('secrets/ill', { blob: null, reason: 'unreachable' }),
    ];
    const first = byObject([
      restored('secrets/a', 'restored'),
      restored('secrets/b', 'skipped', { action: 'skip', why: alreadyThere }),
      restored('secrets/c', 'failed'),
      restored('secrets/d', 'restored'),
      restored('secrets/e', 'conflict', { action: 'conflict' }),
      restored('secrets/f', 'restored'),
      restored('secrets/ill', 'restored'),
    ]);
    const differences = [
      changed('secrets/a', 'changed'),
      changed('secrets/b', 'changed'),
      changed('secrets/d', 'disappeared'),
      changed('secrets/e', 'changed'),
      changed('secrets/new', 'appeared'),
      changed('secrets/ill', 'changed'),
    ];
    expect(finalPassOf(differences, [before, after], first)).toEqual({
      replace: ['secrets/a', 'secrets/b'],
      bring: ['secrets/c', 'secrets/e', 'secrets/new'],
      left: ['secrets/d'],
      lost: [{ object: 'secrets/ill', why: 'unreachable' }],
    });
  });

  test('what it could not replace stays as it came first', () => {
    const first = byObject([restored(key, 'restored'), restored('secrets/b', 'failed')]);
    const final = byObject([
      restored(key, 'blocked', { action: 'blocked' }),
      restored('secrets/b', 'restored'),
    ]);
    const both = overlaid(first, final);
    expect([both.get(key)?.outcome, both.get('secrets/b')?.outcome]).toEqual(['restored', 'restored']);
  });
});

describe('the comparison', () => {
  const difference = (
    object: string,
    change: 'changed' | 'appeared' | 'disappeared' | null,
    attributes: string[] = [],
    verdict?: 'behind' | 'ahead',
  ) => ({
    object,
    change,
    attributes: attributes.map((attribute) => ({ attribute, from: 1, to: 2 })),
    versions: verdict ? { verdict, inPoint: 2, live: 1, missing: 1, why: '' } : null,
  });
  const moved = (travels: 'native' | 'portable' | 'not') => [
    { object: objectKey(object(key)), travels, why: '', loses: [], notes: [], became: null },
  ];

  test.each<[string, Parameters<typeof difference>, 'native' | 'portable' | 'not', object]>([
    ['missing', [key, 'disappeared'], 'native', { missing: [key] }],
    ['what could not travel is not missing', [key, 'disappeared'], 'not', {}],
    ['differs', [key, 'changed', ['expires']], 'native', { differs: [{ object: key, in: ['expires'] }] }],
    [
      'dates of a native one',
      [key, 'changed', ['updated']],
      'native',
      { differs: [{ object: key, in: ['updated'] }] },
    ],
    [
      'dates of a copy are new by nature',
      [key, 'changed', ['created', 'updated', 'currentVersion'], 'ahead'],
      'portable',
      {},
    ],
    [
      'but not its expiry',
      [key, 'changed', ['created', 'expires']],
      'portable',
      { differs: [{ object: key, in: ['expires'] }] },
    ],
    [
      'versions behind',
      [key, null, [], 'behind'],
      'native',
      { differs: [{ object: key, in: ['versions behind'] }] },
    ],
    ['a clash is another object', [key, 'changed', ['created']], 'not', {}],
    ['what only the target has', ['secrets/theirs', 'appeared'], 'native', { more: ['secrets/theirs'] }],
    ['what a certificate owns', ['keys/www', 'disappeared'], 'native', {}],
  ])('%s', (_what, [...given], travels, found) => {
    const empty = { missing: [], differs: [], more: [], unknown: [] };
    expect(comparisonOf({ objects: [difference(...given)], unknown: [] }, moved(travels))).toEqual({
      ...empty,
      ...found,
    });
  });

  test('a kind that could not be listed is not taken for equal', () => {
    const unknown = [{ kind: 'key' as const, reason: 'forbidden' }];
    expect(comparisonOf({ objects: [], unknown }, moved('native')).unknown).toEqual(['keys: forbidden']);
  });
});
