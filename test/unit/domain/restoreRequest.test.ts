/** What an operator may ask for: each wrong field by its path, each pattern that selects nothing by its name. */
import { describe, expect, test } from 'vitest';
import type { IndexLine } from '../../../shared/domain/recoveryPoint.ts';
import { restoreRequest, selectObjects } from '../../../shared/domain/restoreRequest.ts';
import { line } from './arbitraries.ts';

const good = {
  vault: 'contoso',
  objects: ['secrets/db-*'],
  target: 'contoso-dr',
  reason: 'INC-4711 accidental purge',
};

describe('the body', () => {
  const problemsOf = (fields: Record<string, unknown>): string[] => {
    const result = restoreRequest.safeParse({ ...good, ...fields });
    return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  };

  test('the least that can be said gives a whole request, the careful one', () => {
    expect(restoreRequest.parse(good)).toEqual({
      ...good,
      onConflict: 'fail',
      mode: 'native',
      dryRun: false,
      allowPartial: false,
    });
  });

  test.each<[string, Record<string, unknown>]>([
    ['an instant', { at: '2026-11-21T02:00:00Z' }],
    ['an instant elsewhere', { at: '2026-11-21T03:00:00+01:00' }],
    ['a recovery point', { recoveryPoint: '20261121T020000Z' }],
    ['a thousand patterns', { objects: Array.from({ length: 1000 }, (_, n) => `secrets/a-${n}`) }],
    ['the longest vault name', { vault: 'a'.repeat(63) }],
    ['all that can be said', { onConflict: 'replace', dryRun: true, allowPartial: true }],
  ])('%s is taken', (_what, fields) => {
    expect(problemsOf(fields)).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['vault', undefined, 'vault: '],
    ['vault', 'contoso/../x', 'vault: write the name of a vault'],
    ['vault', '', 'vault: write the name of a vault'],
    ['target', undefined, 'target: '],
    ['target', 'https://contoso.vault.azure.net', 'target: write the name of a vault'],
    ['at', 'yesterday', 'at: write an instant such as 2026-11-21T02:00:00Z'],
    ['at', '2026-11-21', 'at: write an instant'],
    ['at', '2026-11-21T02:00:00', 'at: write an instant'],
    ['at', '2026-02-30T02:00:00Z', 'at: write an instant'],
    ['recoveryPoint', 'latest', 'recoveryPoint: write a run id such as 20261121T020000Z'],
    ['objects', undefined, 'objects: '],
    ['objects', [], 'objects: name at least one object, or ["**"] for all'],
    ['objects', '**', 'objects: '],
    ['objects', ['**', 7], 'objects.1: '],
    ['objects', Array.from({ length: 1001 }, () => 'a'), 'objects: at most 1,000 patterns'],
    ['onConflict', 'overwrite', 'onConflict: write one of fail, skip, replace'],
    ['reason', undefined, 'reason: say why, for the audit record'],
    ['reason', 7, 'reason: say why, for the audit record'],
    ['reason', '    x    ', 'reason: say why, for the audit record'],
    ['reason', 'x'.repeat(501), 'reason: '],
    ['dryRun', 'yes', 'dryRun: '],
    ['allowPartial', 1, 'allowPartial: '],
  ])('%s: %j is refused by its path', (field, value, said) => {
    expect(problemsOf({ [field]: value })).toEqual([expect.stringContaining(said)]);
    expect(problemsOf({ [field]: value })[0]?.startsWith(said.split(':')[0] ?? '')).toBe(true);
  });

  test('a moment and a point at once say two things', () => {
    const both = { at: '2026-11-21T02:00:00Z', recoveryPoint: '20261121T020000Z' };
    expect(problemsOf(both)).toEqual(['at: give either at or recoveryPoint']);
  });

  test('an unknown field is named: a dry run that is spelled wrong must not be a real one', () => {
    expect(problemsOf({ dryrun: true })).toEqual([expect.stringContaining('"dryrun"')]);
  });

  test('all that is wrong is said at once', () => {
    const paths = problemsOf({ vault: '', objects: [], reason: 'x' }).map((said) => said.split(':')[0]);
    expect(paths).toEqual(['vault', 'objects', 'reason']);
  });
});

describe('the objects', () => {
  const stored = (fields: Partial<IndexLine>) => line({ outcome: 'stored', blob: 'b', ...fields });
  const index = [
    stored({ name: 'db-password' }),
    stored({ name: 'DB-user', outcome: 'carried' }),
    stored({ name: 'www', kind: 'certificate' }),
    stored({ name: 'db-password', kind: 'key' }),
    line({ name: 'www', outcome: 'skipped', reason: 'managed: its certificate carries it' }),
    line({ name: 'www', kind: 'key', outcome: 'skipped', reason: 'managed: its certificate carries it' }),
    line({ name: 'tmp', outcome: 'skipped', reason: 'excluded by the plan' }),
    line({ name: 'old', outcome: 'failed', reason: 'forbidden: refused' }),
    line({ name: 'went', outcome: 'gone' }),
  ];
  const selected = (...patterns: string[]) =>
    selectObjects(index, patterns).lines.map(({ kind, name }) => `${kind} ${name}`);
  const everything = ['secret db-password', 'secret DB-user', 'certificate www', 'key db-password'];

  test.each<[string, string[], string[]]>([
    ['everything that has a blob', ['**'], everything],
    ['one by kind and name', ['secrets/db-password'], ['secret db-password']],
    ['whatever the case', ['secrets/Db-User'], ['secret DB-user']],
    ['a glob', ['secrets/db-*'], ['secret db-password', 'secret DB-user']],
    ['a kind', ['certificates/*'], ['certificate www']],
    ['every kind of a glob', ['*/db-p*'], ['secret db-password', 'key db-password']],
    ['a bare name, in every kind', ['db-password'], ['secret db-password', 'key db-password']],
    ['a bare glob', ['*user'], ['secret DB-user']],
    ['alternatives', ['secrets/{db-user,db-password}'], ['secret db-password', 'secret DB-user']],
    ['each once, asked for twice', ['**', 'secrets/db-user', 'www'], everything],
  ])('%s', (_what, patterns, expected) => {
    expect(selectObjects(index, patterns).problems).toEqual([]);
    expect(selected(...patterns).toSorted()).toEqual(expected.toSorted());
  });

  test.each<[string, string, string]>([
    ['a typing mistake', 'secrets/db-pasword', '"secrets/db-pasword" matches nothing in the recovery point'],
    ['a bare name that is not there', 'nobody', '"nobody" matches nothing in the recovery point'],
    ['an unknown kind', 'passwords/x', '"passwords/x" is no pattern: write "**"'],
    ['a name that cannot be', 'secrets/a b', '"secrets/a b" is no pattern'],
    ['an empty pattern', '', '"" is no pattern'],
    [
      'what a certificate owns',
      'secrets/www',
      '"secrets/www" matches only what a certificate owns; ask for certificates/www, which brings its key and secret',
    ],
    [
      'what failed',
      'secrets/old',
      '"secrets/old" matches secrets/old, which is failed in the recovery point (forbidden: refused)',
    ],
    [
      'what was left out',
      'tmp',
      '"tmp" matches secrets/tmp, which is skipped in the recovery point (excluded by the plan)',
    ],
    ['what was gone', 'went', '"went" matches secrets/went, which is gone in the recovery point'],
  ])('%s is an error that names the pattern', (_what, pattern, said) => {
    const { lines, problems } = selectObjects(index, [pattern, 'certificates/www']);
    expect(problems).toEqual([expect.stringContaining(said)]);
    expect(lines.map(({ kind }) => kind)).toEqual(['certificate']);
  });

  test('every pattern that selects nothing is named', () => {
    expect(selectObjects(index, ['nobody', 'noone', '**']).problems).toHaveLength(2);
  });

  test('a point without objects selects nothing, and says so', () => {
    expect(selectObjects([], ['**'])).toEqual({
      lines: [],
      problems: ['"**" matches nothing in the recovery point'],
    });
  });
});
