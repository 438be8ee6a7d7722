/** What a restore will do to each object, for every state of the target and every policy. */
import { describe, expect, test } from 'vitest';
import type { SameGeography } from '../../../shared/domain/geography.ts';
import { type Kind, objectKey } from '../../../shared/domain/objects.ts';
import {
  isPurgeable,
  planRestore,
  type RestoreAction,
  type RestorePolicy,
  type TakenName,
  type TargetView,
  workOf,
} from '../../../shared/domain/restorePlan.ts';
import type { ConflictPolicy } from '../../../shared/domain/restoreRequest.ts';
import { line as lineOf } from './arbitraries.ts';

const created = 1_700_000_000;
const line = (kind: Kind = 'secret', name = 'db') => lineOf({ kind, name, created, updated: created });

const taken = (fields: Partial<TakenName> = {}): TakenName => ({
  kind: 'secret',
  name: 'db',
  managed: false,
  recoveryLevel: 'Recoverable+Purgeable',
  created,
  updated: created,
  enabled: null,
  notBefore: null,
  expires: null,
  contentType: null,
  tagsDigest: null,
  x5t: null,
  ...fields,
});
const other = (fields: Partial<TakenName> = {}) => taken({ updated: created + 9, ...fields });
const byKey = (objects: readonly TakenName[] = []) =>
  new Map(objects.map((object) => [objectKey(object), object]));

interface Shown {
  readonly live?: TakenName[];
  readonly deleted?: TakenName[];
  readonly geography?: SameGeography;
}
const view = ({ live, deleted, geography = 'same' }: Shown): TargetView => ({
  live: byKey(live),
  deleted: byKey(deleted),
  geography,
});
const policyOf = (onConflict: ConflictPolicy, allowReplace = true): RestorePolicy => ({
  onConflict,
  allowReplace,
});
function decided(shown: Shown, policy: RestorePolicy, kind: Kind = 'secret') {
  const [planned] = planRestore([line(kind)], view(shown), policy);
  if (!planned) throw new Error('nothing was planned');
  return planned;
}

type ByPolicy = readonly [fail: RestoreAction, skip: RestoreAction, replace: RestoreAction];
const allPolicies = ['fail', 'skip', 'replace'] as const;

describe.each<[string, Shown, ByPolicy, ByPolicy]>([
  // state, with allowReplace, without it: each for onConflict fail, skip, replace
  ['a free name', {}, ['restore', 'restore', 'restore'], ['restore', 'restore', 'restore']],
  ['the same one live', { live: [taken()] }, ['skip', 'skip', 'skip'], ['skip', 'skip', 'skip']],
  ['another one live', { live: [other()] }, ['conflict', 'skip', 'replace'], ['conflict', 'skip', 'blocked']],
  [
    'another one live, purge protected',
    { live: [other({ recoveryLevel: 'Recoverable' })] },
    ['conflict', 'skip', 'blocked'],
    ['conflict', 'skip', 'blocked'],
  ],
  [
    'one that a live certificate owns',
    { live: [taken({ managed: true }), taken({ kind: 'certificate' })] },
    ['conflict', 'conflict', 'conflict'],
    ['conflict', 'conflict', 'conflict'],
  ],
  [
    'the same one soft-deleted',
    { deleted: [taken()] },
    ['recover', 'recover', 'recover'],
    ['blocked', 'blocked', 'blocked'],
  ],
  [
    'the same one soft-deleted, purge protected: recovering is all it needs',
    { deleted: [taken({ recoveryLevel: 'Recoverable+ProtectedSubscription' })] },
    ['recover', 'recover', 'recover'],
    ['blocked', 'blocked', 'blocked'],
  ],
  [
    'another one soft-deleted',
    { deleted: [other()] },
    ['conflict', 'skip', 'replace'],
    ['conflict', 'skip', 'blocked'],
  ],
  [
    'another one soft-deleted, purge protected',
    { deleted: [other({ recoveryLevel: 'CustomizedRecoverable' })] },
    ['conflict', 'skip', 'blocked'],
    ['conflict', 'skip', 'blocked'],
  ],
  [
    'one that a soft-deleted certificate owns',
    { deleted: [taken({ managed: true }), taken({ kind: 'certificate' })] },
    ['conflict', 'conflict', 'conflict'],
    ['conflict', 'conflict', 'conflict'],
  ],
  [
    'a soft-deleted certificate of the name, without its own in the lists',
    { deleted: [taken({ kind: 'certificate' })] },
    ['conflict', 'conflict', 'conflict'],
    ['conflict', 'conflict', 'conflict'],
  ],
  [
    'another geography, and a free name',
    { geography: 'different' },
    ['blocked', 'blocked', 'blocked'],
    ['blocked', 'blocked', 'blocked'],
  ],
  [
    'another geography, and the same one live',
    { geography: 'different', live: [taken()] },
    ['blocked', 'blocked', 'blocked'],
    ['blocked', 'blocked', 'blocked'],
  ],
  [
    'an unknown geography, and a free name: the vault will tell',
    { geography: 'unknown' },
    ['restore', 'restore', 'restore'],
    ['restore', 'restore', 'restore'],
  ],
  [
    'an unknown geography, and another one live: the vault will tell',
    { geography: 'unknown', live: [other()] },
    ['conflict', 'skip', 'replace'],
    ['conflict', 'skip', 'blocked'],
  ],
])('%s', (_state, shown, allowed, notAllowed) => {
  test.each(allPolicies.map((policy, at) => [policy, allowed[at]] as const))('%s: %s', (policy, action) => {
    expect(decided(shown, policyOf(policy))).toMatchObject({ action, why: expect.stringMatching(/\w/) });
  });
  test.each(allPolicies.map((policy, at) => [policy, notAllowed[at]] as const))(
    '%s without allowReplace: %s',
    (policy, action) => {
      expect(decided(shown, policyOf(policy, false)).action).toBe(action);
    },
  );
});

describe('a certificate needs its name in every kind', () => {
  test.each<[Kind, 'live' | 'deleted', string]>([
    ['key', 'live', 'the target has a key of this name'],
    ['secret', 'live', 'the target has a secret of this name'],
    ['key', 'deleted', 'a soft-deleted key of the target holds this name'],
    ['secret', 'deleted', 'a soft-deleted secret of the target holds this name'],
  ])('a lone %s (%s) is a conflict under every policy', (kind, where, why) => {
    for (const policy of allPolicies) {
      const shown = { [where]: [taken({ kind })] };
      expect(decided(shown, policyOf(policy), 'certificate')).toMatchObject({ action: 'conflict', why });
    }
  });

  test.each<[Kind]>([['key'], ['secret']])('a live certificate of the name is in the way of a %s', (kind) => {
    const shown = { live: [taken({ kind: 'certificate' })] };
    expect(decided(shown, policyOf('replace'), kind)).toMatchObject({
      action: 'conflict',
      why: 'the target has a certificate of this name',
    });
  });

  test('its own managed key and secret are in nobody’s way', () => {
    const own = (['key', 'secret'] as const).map((kind) => other({ kind, managed: true }));
    const live = [other({ kind: 'certificate' }), ...own];
    expect(decided({ live }, policyOf('replace'), 'certificate').action).toBe('replace');
    expect(decided({ deleted: live }, policyOf('replace'), 'certificate').action).toBe('replace');
    expect(decided({ deleted: own }, policyOf('replace'), 'certificate').action).toBe('restore');
  });

  test('a key and a secret of one name are strangers', () => {
    expect(decided({ live: [taken({ kind: 'key' })] }, policyOf('fail')).action).toBe('restore');
  });
});

test.each<[string | null, boolean]>([
  ['Recoverable+Purgeable', true],
  ['CustomizedRecoverable+Purgeable', true],
  ['Purgeable', true],
  ['Recoverable', false],
  ['Recoverable+ProtectedSubscription', false],
  ['CustomizedRecoverable', false],
  ['CustomizedRecoverable+ProtectedSubscription', false],
  [null, false],
])('the recovery level %s can be purged: %s', (level, purgeable) => {
  expect(isPurgeable(level)).toBe(purgeable);
});

test('names are equal whatever their case', () => {
  const target = view({ live: [other({ name: 'DB' })] });
  expect(planRestore([line()], target, policyOf('fail'))[0]?.action).toBe('conflict');
});

test('why names what differs, and never a value', () => {
  const live = [other({ enabled: true, contentType: 'text/very-secret' })];
  const [planned] = planRestore([line()], view({ live }), policyOf('fail'));
  expect(planned?.why).toContain('differs in updated, enabled, contentType');
  expect(planned?.why).not.toContain('very-secret');
});

test('work is what changes the target: restores first, then recoveries, then replacements', () => {
  const target = view({
    live: [other({ name: 'b' }), other({ name: 'd' })],
    deleted: [taken({ name: 'c' })],
  });
  const plan = planRestore(
    ['b', 'c', 'a'].map((name) => line('secret', name)),
    target,
    policyOf('replace'),
  );
  expect(workOf(plan).map(({ action, line: { name } }) => `${action} ${name}`)).toEqual([
    'restore a',
    'recover c',
    'replace b',
  ]);
});
