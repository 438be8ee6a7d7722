/** What came back against what was recorded: only what was recorded counts, and policies count by meaning. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IndexLine, RotationPolicy } from '../../../shared/domain/recoveryPoint.ts';
import {
  differences,
  isPolicySet,
  type SeenFacts,
  samePolicy,
} from '../../../shared/domain/restoreVerify.ts';
import { line } from './arbitraries.ts';

const recorded: Partial<IndexLine> = {
  created: 1,
  updated: 2,
  enabled: true,
  notBefore: 3,
  expires: 4,
  contentType: 'text/plain',
  tagsDigest: 'tags',
  currentVersion: 'v1',
  publicKeyDigest: 'key',
  x5t: 'thumb',
};
const seen = (fields: Partial<SeenFacts> = {}): SeenFacts => ({
  created: 1,
  updated: 2,
  enabled: true,
  notBefore: 3,
  expires: 4,
  contentType: 'text/plain',
  tagsDigest: 'tags',
  version: 'v1',
  publicKeyDigest: 'key',
  x5t: 'thumb',
  ...fields,
});

test('the same is no difference', () => {
  expect(differences(line(recorded), seen())).toEqual([]);
});

test.each<[keyof SeenFacts, SeenFacts[keyof SeenFacts], string]>([
  ['created', 9, 'created'],
  ['updated', 9, 'updated'],
  ['enabled', false, 'enabled'],
  ['notBefore', 9, 'notBefore'],
  ['notBefore', null, 'notBefore'],
  ['expires', 9, 'expires'],
  ['expires', null, 'expires'],
  ['contentType', 'text/html', 'contentType'],
  ['tagsDigest', 'others', 'tags'],
  ['tagsDigest', null, 'tags'],
  ['version', 'v2', 'version'],
  ['publicKeyDigest', 'another', 'public key'],
  ['x5t', 'another', 'thumbprint'],
])('another %s (%s) is named', (field, value, said) => {
  expect(differences(line(recorded), seen({ [field]: value }))).toEqual([said]);
});

test('all that differs is named', () => {
  expect(differences(line(recorded), seen({ created: 9, enabled: false, x5t: 'z' }))).toEqual([
    'created',
    'enabled',
    'thumbprint',
  ]);
});

test.each<[keyof IndexLine, Partial<SeenFacts>]>([
  ['currentVersion', { version: 'v2' }],
  ['publicKeyDigest', { publicKeyDigest: 'another' }],
  ['x5t', { x5t: 'another' }],
])('a %s that was not recorded is unknown, and so is what is seen', (field, other) => {
  expect(differences(line({ ...recorded, [field]: null }), seen(other))).toEqual([]);
});

test.each(['version', 'publicKeyDigest', 'x5t'] as const)(
  'a %s that is not shown is not held against it',
  (field) => {
    expect(differences(line(recorded), seen({ [field]: null }))).toEqual([]);
  },
);

test('nor is what a listing has no place for', () => {
  const { version: _version, publicKeyDigest: _digest, ...listed } = seen();
  expect(differences(line(recorded), listed)).toEqual([]);
});

test.each(['key', 'certificate'] as const)('a %s has no content type to compare', (kind) => {
  expect(differences(line({ ...recorded, kind }), seen({ contentType: null }))).toEqual([]);
});

describe('rotation policies', () => {
  type Action = RotationPolicy['actions'][number];
  const action = (fields: Partial<Action> = {}): Action => ({
    action: 'Rotate',
    timeAfterCreate: null,
    timeBeforeExpiry: 'P30D',
    ...fields,
  });
  const byDefault = action({ action: 'Notify' });
  const policy = (expiryTime: string | null, ...actions: Action[]): RotationPolicy => ({
    expiryTime,
    actions,
  });

  test.each<[string, RotationPolicy, RotationPolicy, boolean]>([
    ['the same', policy('P90D', action()), policy('P90D', action()), true],
    [
      'the default that the service adds',
      policy('P90D', action()),
      policy('P90D', action(), byDefault),
      true,
    ],
    ['a default in another case', policy('P90D'), policy('P90D', action({ action: 'notify' })), true],
    ['another case of the action', policy(null, action()), policy(null, action({ action: 'rotate' })), true],
    [
      'another order',
      policy(null, action(), action({ action: 'Notify', timeBeforeExpiry: 'P7D' })),
      policy(null, action({ action: 'Notify', timeBeforeExpiry: 'P7D' }), action()),
      true,
    ],
    ['nothing at all and the default', policy(null), policy(null, byDefault), true],
    ['another expiry', policy('P90D'), policy('P1Y'), false],
    ['no expiry', policy('P90D'), policy(null), false],
    ['another moment', policy(null, action()), policy(null, action({ timeBeforeExpiry: 'P7D' })), false],
    [
      'before expiry and after creation',
      policy(null, action()),
      policy(null, action({ timeBeforeExpiry: null, timeAfterCreate: 'P30D' })),
      false,
    ],
    ['an action more', policy(null), policy(null, action()), false],
    [
      'a Notify at another time is no default',
      policy(null),
      policy(null, action({ action: 'Notify', timeBeforeExpiry: 'P7D' })),
      false,
    ],
  ])('%s', (_what, one, another, same) => {
    expect([samePolicy(one, another), samePolicy(another, one)]).toEqual([same, same]);
  });

  const someAction = fc.record({
    action: fc.constantFrom('Rotate', 'Notify', 'rotate'),
    timeAfterCreate: fc.constantFrom(null, 'P30D'),
    timeBeforeExpiry: fc.constantFrom(null, 'P30D', 'P7D'),
  });
  const somePolicy = fc.record({
    expiryTime: fc.constantFrom(null, 'P90D'),
    actions: fc.array(someAction, { maxLength: 3 }),
  });

  test('every policy does the same as itself, shuffled and with the default', () => {
    fc.assert(
      fc.property(somePolicy, fc.boolean(), ({ expiryTime, actions }, reversed) => {
        const shuffled = reversed ? actions.toReversed() : actions;
        expect(samePolicy({ expiryTime, actions }, { expiryTime, actions: [byDefault, ...shuffled] })).toBe(
          true,
        );
      }),
    );
  });

  test.each<[string, RotationPolicy | null, boolean]>([
    ['none recorded', null, false],
    ['an empty one', policy(null), false],
    ['the default', policy(null, byDefault), false],
    ['an expiry', policy('P90D'), true],
    ['an action', policy(null, action()), true],
    ['the default and more', policy(null, byDefault, action()), true],
  ])('%s is worth applying: %s', (_what, some, set) => {
    expect(isPolicySet(some)).toBe(set);
  });
});
