/** Names of stored things: what is built parses back, and nothing else does. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  captureBlobName,
  indexBlobName,
  outcomeBlobName,
  outcomeNames,
  outcomePrefix,
  parseCaptureBlobName,
  parseOutcomeBlobName,
  parseRecoveryPointBlobName,
  planPartName,
  recoveryPointBlobName,
  recoveryPointPrefix,
  runPrefix,
  vaultStateName,
} from '../../../shared/domain/blobNames.ts';
import { epoch, kind, objectName, runId, vaultName } from './arbitraries.ts';

const pass = fc.integer({ min: 1, max: 99 });
const night = '20261122T020000Z';

describe('captured objects', () => {
  const capture = fc.record({
    vault: vaultName,
    runId,
    kind,
    name: objectName,
    updated: fc.option(epoch, { nil: null }),
    pass,
  });

  test('every legal name parses back to what it was built from, in lower case', () => {
    fc.assert(
      fc.property(capture, (name) => {
        expect(parseCaptureBlobName(captureBlobName(name))).toEqual({
          ...name,
          name: name.name.toLowerCase(),
        });
      }),
    );
  });

  test('stays below the store’s 1,024 characters, in the run’s folder', () => {
    fc.assert(
      fc.property(capture, (name) => {
        const built = captureBlobName(name);
        expect(built.length).toBeLessThan(1024);
        expect(built.startsWith(runPrefix(name.vault, name.runId))).toBe(true);
      }),
    );
  });

  test('names that differ only in case are one name, because vaults hold them equal', () => {
    const built = (vault: string, name: string) =>
      captureBlobName({ vault, runId: night, kind: 'secret', name, updated: 7, pass: 1 });
    expect(built('Contoso', 'API-Key')).toBe(built('contoso', 'api-key'));
  });

  test.each([
    ['secret', `contoso/runs/${night}/secrets/api-key.1700000000-2.secretbackup`],
    ['key', `contoso/runs/${night}/keys/api-key.1700000000-2.keybackup`],
    ['certificate', `contoso/runs/${night}/certificates/api-key.1700000000-2.certificatebackup`],
  ] as const)('a %s is stored under the documented name', (kindOfObject, expected) => {
    const name = { vault: 'Contoso', runId: night, name: 'API-key', updated: 1_700_000_000, pass: 2 };
    expect(captureBlobName({ ...name, kind: kindOfObject })).toBe(expected);
  });

  test('passes and changes of one object have names of their own', () => {
    const built = (updated: number, ofPass: number) =>
      captureBlobName({ vault: 'v-1', runId: night, kind: 'key', name: 'k', updated, pass: ofPass });
    expect(new Set([built(1, 1), built(1, 2), built(2, 1)]).size).toBe(3);
  });

  test.each([
    ['the index', `contoso/runs/${night}/objects.0123456789abcdef.ndjson`],
    ['a recovery point', `contoso/recovery-points/${night}.json`],
    ['another kind’s suffix', `contoso/runs/${night}/secrets/a.1-1.keybackup`],
    ['an unknown suffix', `contoso/runs/${night}/secrets/a.1-1.bak`],
    ['an unknown folder', `contoso/runs/${night}/storage/a.1-1.secretbackup`],
    ['no change and pass', `contoso/runs/${night}/secrets/a.secretbackup`],
    ['a run id that is no date', 'contoso/runs/20260230T020000Z/secrets/a.1-1.secretbackup'],
    ['another top folder', `contoso/portable/${night}/secrets/a.1-1.secretbackup`],
    ['a folder too many', `contoso/runs/${night}/secrets/x/a.1-1.secretbackup`],
    ['something after the file', `contoso/runs/${night}/secrets/a.1-1.secretbackup/x`],
    ['no vault', `/runs/${night}/secrets/a.1-1.secretbackup`],
    ['a character no vault allows', `contoso/runs/${night}/secrets/a_b.1-1.secretbackup`],
    ['upper case, which we never write', `contoso/runs/${night}/secrets/A.1-1.secretbackup`],
    ['a name of 128 characters', `contoso/runs/${night}/secrets/${'a'.repeat(128)}.1-1.secretbackup`],
    ['nothing', ''],
  ])('refuses %s', (_what, name) => {
    expect(parseCaptureBlobName(name)).toBeNull();
  });
});

describe('recovery points', () => {
  test('every name parses back', () => {
    fc.assert(
      fc.property(vaultName, runId, (vault, id) => {
        expect(parseRecoveryPointBlobName(recoveryPointBlobName(vault, id))).toEqual({ vault, runId: id });
        expect(recoveryPointBlobName(vault, id).startsWith(recoveryPointPrefix(vault))).toBe(true);
      }),
    );
  });

  test.each([
    ['a stray file', 'contoso/recovery-points/readme.json'],
    ['another ending', `contoso/recovery-points/${night}.txt`],
    ['another folder', `contoso/runs/${night}.json`],
    ['a deeper folder', `contoso/recovery-points/${night}.json/x`],
    ['an impossible date', 'contoso/recovery-points/20261322T020000Z.json'],
    ['no vault', `/recovery-points/${night}.json`],
  ])('refuses %s', (_what, name) => {
    expect(parseRecoveryPointBlobName(name)).toBeNull();
  });

  test('the index carries sixteen digits of its own digest, beside the captures', () => {
    expect(indexBlobName('Contoso', night, 'f'.repeat(64))).toBe(
      `contoso/runs/${night}/objects.${'f'.repeat(16)}.ndjson`,
    );
  });
});

describe('what a run writes down for itself', () => {
  const record = fc.record({ kind, name: objectName, pass, outcome: fc.constantFrom(...outcomeNames) });

  test('every outcome’s name parses back, in lower case', () => {
    fc.assert(
      fc.property(vaultName, runId, record, (vault, id, outcome) => {
        const built = outcomeBlobName(vault, id, outcome);
        expect(built.startsWith(outcomePrefix(vault, id))).toBe(true);
        expect(parseOutcomeBlobName(built)).toEqual({ ...outcome, name: outcome.name.toLowerCase() });
      }),
    );
  });

  test('two outcomes of one object do not overwrite each other', () => {
    const names = outcomeNames.map((outcome) =>
      outcomeBlobName('contoso', night, { kind: 'key', name: 'k', pass: 1, outcome }),
    );
    expect(new Set(names).size).toBe(outcomeNames.length);
  });

  test.each([
    ['an unknown outcome', `runs/contoso/${night}/outcomes/1/keys/k.stored.json`],
    ['an unknown kind', `runs/contoso/${night}/outcomes/1/things/k.gone.json`],
    ['a plan part', planPartName('contoso', night, 'abc', 'keys', 3)],
    ['another ending', `runs/contoso/${night}/outcomes/1/keys/k.gone.txt`],
    ['a folder too many', `runs/contoso/${night}/outcomes/1/keys/x/k.gone.json`],
  ])('refuses %s', (_what, name) => {
    expect(parseOutcomeBlobName(name)).toBeNull();
  });

  test('plan parts sort in their order, and lanes and plans stay apart', () => {
    const part = (n: number) => planPartName('Contoso', night, 'abc', 'objects', n);
    expect(part(7)).toBe(`runs/contoso/${night}/plan/abc/objects-00007.ndjson`);
    expect([part(100), part(9), part(10)].toSorted()).toEqual([part(9), part(10), part(100)]);
  });

  test('one vault has one state blob, whatever the spelling', () => {
    expect(vaultStateName('Contoso')).toBe('vaults/contoso.json');
  });
});
