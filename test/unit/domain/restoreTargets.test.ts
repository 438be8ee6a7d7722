/** RESTORE_TARGETS: which vault may be restored into which, and what is wrong with how it is written. */
import { describe, expect, test } from 'vitest';
import { findTarget, parseRestoreTargets } from '../../../shared/domain/restoreTargets.ts';

const parse = (value: unknown) => parseRestoreTargets(JSON.stringify(value), 'public');

test('a name is enough, and means the careful defaults', () => {
  expect(parse({ Contoso: ['contoso-dr'] })).toEqual({
    targets: new Map([
      [
        'contoso',
        [
          {
            name: 'contoso-dr',
            url: 'https://contoso-dr.vault.azure.net',
            allowReplace: false,
            portable: false,
            drill: false,
            requestsPer10Seconds: 400,
            keyRequestsPer10Seconds: 25,
            creatingRequestsPer10Seconds: 250,
          },
        ],
      ],
    ]),
    problems: [],
  });
});

test('all of it can be said', () => {
  const full = {
    name: 'local-dr',
    url: 'https://localhost:9443/',
    allowReplace: true,
    portable: true,
    drill: true,
    requestsPer10Seconds: 10,
    keyRequestsPer10Seconds: 5,
    creatingRequestsPer10Seconds: 300,
  };
  const { targets, problems } = parse({ contoso: ['contoso-dr', full] });
  expect(problems).toEqual([]);
  expect(targets.get('contoso')?.[1]).toEqual({ ...full, url: 'https://localhost:9443' });
});

describe('what is wrong is named with what to write', () => {
  test.each<[string, unknown, string]>([
    ['a list', ['contoso-dr'], 'RESTORE_TARGETS: '],
    ['no targets', { contoso: [] }, 'RESTORE_TARGETS.contoso: name at least one target'],
    ['a text for a list', { contoso: 'contoso-dr' }, 'RESTORE_TARGETS.contoso: '],
    ['a source that is no name', { 'a/b': ['contoso-dr'] }, 'RESTORE_TARGETS.a/b: '],
    ['a target that is no name', { contoso: ['1x'] }, 'RESTORE_TARGETS.contoso.0: write a vault name'],
    [
      'an unknown key',
      { contoso: [{ name: 'contoso-dr', allowreplace: true }] },
      'RESTORE_TARGETS.contoso.0: ',
    ],
    [
      'no TLS',
      { contoso: [{ name: 'contoso-dr', url: 'http://x' }] },
      'RESTORE_TARGETS.contoso.0.url: write an https URL',
    ],
    [
      'more creating calls than the service allows',
      { contoso: [{ name: 'contoso-dr', creatingRequestsPer10Seconds: 301 }] },
      'RESTORE_TARGETS.contoso.0.creatingRequestsPer10Seconds: ',
    ],
  ])('%s', (_what, value, said) => {
    const { targets, problems } = parse(value);
    expect(problems).toEqual([expect.stringContaining(said)]);
    expect(targets.size).toBe(0);
  });

  test('no JSON', () => {
    const { problems } = parseRestoreTargets('{contoso', 'public');
    expect(problems).toEqual([
      expect.stringMatching(/^RESTORE_TARGETS: is not valid JSON .*write \{"source"/),
    ]);
  });
});

describe('what is allowed', () => {
  const { targets } = parse({ Contoso: ['contoso-DR', 'spare-dr'], twice: ['twice'] });

  test.each<[string, string, string | null]>([
    ['contoso', 'contoso-dr', 'contoso-DR'],
    ['CONTOSO', 'CONTOSO-DR', 'contoso-DR'],
    ['contoso', 'spare-dr', 'spare-dr'],
    ['contoso', 'contoso', null],
    ['fabrikam', 'contoso-dr', null],
    ['contoso', 'twice', null],
    // On purpose: a source that is listed as its own target.
    ['twice', 'twice', 'twice'],
    ['constructor', 'contoso-dr', null],
  ])('%s into %s: %s', (source, wanted, found) => {
    expect(findTarget(targets, source, wanted)?.name ?? null).toBe(found);
  });
});
