/** Globs over objects. */
import { describe, expect, test } from 'vitest';
import type { Kind } from '../../../shared/domain/objects.ts';
import { matcherOf, problemOfPattern } from '../../../shared/domain/selection.ts';

const selects = (include: string[], exclude: string[], kind: Kind, name: string) =>
  matcherOf({ include, exclude })({ kind, name });

describe('matching', () => {
  test.each<[string[], string[], Kind, string, boolean]>([
    [['**'], [], 'secret', 'db-password', true],
    [['**'], [], 'certificate', 'www', true],
    [['secrets/*'], [], 'secret', 'db-password', true],
    [['secrets/*'], [], 'key', 'db-password', false],
    [['secrets/db-*'], [], 'secret', 'db-password', true],
    [['secrets/db-*'], [], 'secret', 'api-key', false],
    [['secrets/db'], [], 'secret', 'db-password', false],
    [['keys/key-?'], [], 'key', 'key-1', true],
    [['keys/key-?'], [], 'key', 'key-10', false],
    [['keys/{a,b}*'], [], 'key', 'beta', true],
    [['keys/[ab]*'], [], 'key', 'gamma', false],
    [['*/www'], [], 'certificate', 'www', true],
    [['secrets/a', 'keys/b'], [], 'key', 'b', true],
    [['**'], ['secrets/tmp-*'], 'secret', 'tmp-1', false],
    [['**'], ['secrets/tmp-*'], 'key', 'tmp-1', true],
    [['secrets/tmp-1'], ['secrets/tmp-*'], 'secret', 'tmp-1', false],
    [['**'], ['**'], 'secret', 'a', false],
  ])('include %j, exclude %j: %s %s is %s', (include, exclude, kind, name, expected) => {
    expect(selects(include, exclude, kind, name)).toBe(expected);
  });

  test.each<[string[], string[], string, boolean]>([
    [['secrets/DB-*'], [], 'db-password', true],
    [['secrets/db-*'], [], 'DB-Password', true],
    [['**'], ['secrets/TMP-*'], 'tmp-1', false],
    [['**'], ['secrets/tmp-*'], 'Tmp-1', false],
    [['secrets/[A-C]*'], [], 'bravo', true],
  ])('case does not matter: include %j, exclude %j, %s is %s', (include, exclude, name, expected) => {
    expect(selects(include, exclude, 'secret', name)).toBe(expected);
  });

  test('a name that begins with a dash is matched like any other', () => {
    expect(selects(['secrets/*'], [], 'secret', '-odd-')).toBe(true);
  });
});

describe('patterns that can match nothing are refused with what to write', () => {
  test.each(['**', 'secrets/*', 'keys/prefix-*', 'certificates/www', '*/www', 'secrets/{a,b}', 'keys/[ab]?'])(
    '%s is good',
    (pattern) => expect(problemOfPattern(pattern)).toBeNull(),
  );

  test.each([
    '',
    '*',
    'secrets',
    'secrets/',
    'secret/a',
    'db-password',
    'vaults/a',
    'secrets/a/b',
    'secrets/a b',
    '!secrets/a',
    '/secrets/a',
    '**/a',
    'secrets/a.b',
  ])('"%s" is refused', (pattern) => expect(problemOfPattern(pattern)).toContain('"secrets/name"'));
});
