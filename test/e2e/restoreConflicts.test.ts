/** Names that are taken in the target: every policy against live, soft-deleted, purge-protected and just-purged ones. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replaceActions, restoreActions } from '../local/grants.ts';
import type { E2e } from './harness.ts';
import { backUpNow, outcomesOf, source, startRestoreE2e } from './restoreHarness.ts';
import { unusedActions, unusedOnContainer } from './rights.ts';

let e2e: E2e;
const targets = ['fail', 'skip', 'replace', 'limbo', 'between', 'keys', 'recovered', 'geo', 'certs'] as const;

beforeAll(async () => {
  e2e = await startRestoreE2e({
    ...Object.fromEntries(
      targets.map((name) => [name, { allowReplace: name !== 'fail' && name !== 'skip' }]),
    ),
    protected: { allowReplace: true, spec: { purgeProtection: true } },
    strict: { allowReplace: false },
    geo: { allowReplace: true, spec: { geography: 'Asia Pacific', region: 'an-unknown-region' } },
  });
  const { seed } = e2e.stack.emulator.control;
  for (const name of ['free', 'same', 'live', 'deleted', 'purged'])
    seed.secret(source, { name, value: `${name} of the source` });
  const rotate = { trigger: { timeAfterCreate: 'P60D' }, action: { type: 'Rotate' as const } };
  await seed.key(source, {
    name: 'signing',
    rotationPolicy: { lifetimeActions: [rotate], expiryTime: 'P90D' },
  });
  await seed.certificate(source, { name: 'www' });
  await backUpNow(e2e);
});
afterAll(() => e2e?.stop());

const inside = (vault: string) => e2e.stack.emulator.control.objects(vault);
const valueOf = (vault: string, name: string) =>
  inside(vault)
    .secrets.find((secret) => secret.name === name && secret.state === 'live')
    ?.versions.at(-1)?.value;
const stored = async (container: string, prefix: string) =>
  (await Array.fromAsync(e2e.stack.container(container).listBlobsFlat({ prefix }))).map(({ name }) => name);

/** `same` is already there, `live` is another one, `deleted` is soft-deleted, `purged` was purged a moment ago. */
async function takeNames(vault: string): Promise<void> {
  const { secrets } = e2e.operator(vault);
  const [line] = (await e2e.lines(await e2e.waitForPoint(source))).filter(({ name }) => name === 'same');
  await secrets.restoreSecretBackup(
    await e2e.stack
      .container('backups')
      .getBlobClient(line?.blob ?? '')
      .downloadToBuffer(),
  );
  await secrets.setSecret('live', 'of the target');
  for (const name of ['deleted', 'purged']) {
    await secrets.setSecret(name, 'of the target');
    await (await secrets.beginDeleteSecret(name, { intervalInMs: 50 })).pollUntilDone();
  }
  await secrets.purgeDeletedSecret('purged');
}

const objects = ['secrets/free', 'secrets/same', 'secrets/live', 'secrets/deleted', 'secrets/purged'];

describe.concurrent('every policy against every taken name', () => {
  test('fail: what is taken is a conflict, told with why; everything else comes', async () => {
    await takeNames('fail');
    const detail = await e2e.restore({ vault: source, objects, target: 'fail' });
    expect(outcomesOf(detail)).toEqual({
      'secrets/free': ['restore', 'restored'],
      'secrets/same': ['skip', 'skipped'],
      'secrets/live': ['conflict', 'conflict'],
      'secrets/deleted': ['conflict', 'conflict'],
      'secrets/purged': ['restore', 'restored'],
    });
    expect(detail).toMatchObject({ status: 'partial', counts: { restored: 2, skipped: 1, conflict: 2 } });
    expect(detail.objects.find(({ object }) => object === 'secrets/live')?.hint).toContain('onConflict');
    expect(valueOf('fail', 'live')).toBe('of the target');
  });

  test('skip: what is taken is left alone, and the restore is complete', async () => {
    await takeNames('skip');
    const detail = await e2e.restore({ vault: source, objects, target: 'skip', onConflict: 'skip' });
    expect(outcomesOf(detail)).toMatchObject({
      'secrets/live': ['skip', 'skipped'],
      'secrets/deleted': ['skip', 'skipped'],
      'secrets/free': ['restore', 'restored'],
    });
    expect(detail.status).toBe('complete');
    expect(valueOf('skip', 'live')).toBe('of the target');
  });

  test('replace: what is taken gives way after a safety copy, the soft-deleted one too', async () => {
    await takeNames('replace');
    const detail = await e2e.restore({ vault: source, objects, target: 'replace', onConflict: 'replace' });
    expect(outcomesOf(detail)).toEqual({
      'secrets/free': ['restore', 'restored'],
      'secrets/same': ['skip', 'skipped'],
      'secrets/live': ['replace', 'replaced'],
      'secrets/deleted': ['replace', 'replaced'],
      'secrets/purged': ['restore', 'restored'],
    });
    expect(detail.status).toBe('complete');
    expect([valueOf('replace', 'live'), valueOf('replace', 'deleted')]).toEqual([
      'live of the source',
      'deleted of the source',
    ]);
    const copies = await stored('safety', `replace/${detail.id}/`);
    const named = copies.map((name) => name.split('/').at(-1)?.split('.')[0]);
    expect(new Set(named)).toEqual(new Set(['deleted', 'live']));
    const { secrets } = e2e.operator('keys');
    const copy = copies.find((name) => name.includes('/live.')) ?? '';
    await secrets.restoreSecretBackup(
      await e2e.stack.container('safety').getBlobClient(copy).downloadToBuffer(),
    );
    expect(valueOf('keys', 'live')).toBe('of the target');
  });

  test('replace is blocked where the target does not allow it, and where purge protection would keep the name', async () => {
    for (const vault of ['strict', 'protected']) {
      await e2e.operator(vault).secrets.setSecret('live', 'of the target');
      const detail = await e2e.restore({
        vault: source,
        objects: ['secrets/live'],
        target: vault,
        onConflict: 'replace',
      });
      expect(outcomesOf(detail)).toEqual({ 'secrets/live': ['blocked', 'blocked'] });
      expect(detail.status).toBe('failed');
      expect(valueOf(vault, 'live')).toBe('of the target');
    }
  });

  test('a soft-deleted one that already is what the point holds is recovered', async () => {
    const chosen = ['secrets/free', 'keys/signing', 'certificates/www'];
    await e2e.restore({ vault: source, objects: chosen, target: 'recovered' });
    const { secrets, keys, certificates } = e2e.operator('recovered');
    await (await secrets.beginDeleteSecret('free', { intervalInMs: 50 })).pollUntilDone();
    await (await keys.beginDeleteKey('signing', { intervalInMs: 50 })).pollUntilDone();
    await (await certificates.beginDeleteCertificate('www', { intervalInMs: 50 })).pollUntilDone();
    const detail = await e2e.restore({ vault: source, objects: chosen, target: 'recovered' });
    expect(outcomesOf(detail)).toEqual({
      'secrets/free': ['recover', 'recovered'],
      'keys/signing': ['recover', 'recovered'],
      'certificates/www': ['recover', 'recovered'],
    });
    expect(valueOf('recovered', 'free')).toBe('free of the source');
  });
});

describe.concurrent('names across kinds', () => {
  test('a certificate against a lone key of its name is a conflict, and the key stays', async () => {
    await e2e.operator('keys').keys.createEcKey('www');
    const detail = await e2e.restore({
      vault: source,
      objects: ['certificates/www'],
      target: 'keys',
      onConflict: 'replace',
    });
    expect(outcomesOf(detail)).toEqual({ 'certificates/www': ['conflict', 'conflict'] });
    expect(inside('keys').keys.map(({ name }) => name)).toEqual(['www']);
  });

  test('keys and certificates are replaced as secrets are', async () => {
    const { keys, certificates } = e2e.operator('certs');
    await keys.createEcKey('signing');
    await (
      await certificates.beginCreateCertificate(
        'www',
        { issuerName: 'Self', subject: 'CN=another' },
        { intervalInMs: 50 },
      )
    ).pollUntilDone();
    const detail = await e2e.restore({
      vault: source,
      objects: ['keys/signing', 'certificates/www'],
      target: 'certs',
      onConflict: 'replace',
    });
    expect(outcomesOf(detail)).toEqual({
      'keys/signing': ['replace', 'replaced'],
      'certificates/www': ['replace', 'replaced'],
    });
    const ids = (vault: string) =>
      inside(vault).certificates.flatMap(({ versions }) => versions.map(({ id }) => id));
    expect(ids('certs')).toEqual(ids(source));
  });
});

describe('a replacement that must not lose anything', () => {
  test('production writes between safety copy and deletion: recovered, and told as a conflict', async () => {
    const { secrets } = e2e.operator('between');
    await secrets.setSecret('live', 'of the target');
    const stop = e2e.stack.emulator.control.onRequest(async ({ vault, operation, identity }) => {
      if (vault !== 'between' || operation !== 'secrets.delete' || identity !== 'restore') return;
      stop();
      await secrets.setSecret('live', 'written in between');
    });
    const detail = await e2e.restore({
      vault: source,
      objects: ['secrets/live'],
      target: 'between',
      onConflict: 'replace',
    });
    expect(outcomesOf(detail)).toEqual({ 'secrets/live': ['replace', 'conflict'] });
    expect(detail.objects[0]?.reason).toContain('between safety copy and deletion');
    expect(valueOf('between', 'live')).toBe('written in between');
  });

  test('a blob of another geography: nothing is deleted, and the whole restore says so after the first object', async () => {
    const { secrets } = e2e.operator('geo');
    await secrets.setSecret('live', 'of the target');
    const detail = await e2e.restore({
      vault: source,
      objects: ['**'],
      target: 'geo',
      onConflict: 'replace',
    });
    expect(detail).toMatchObject({ status: 'failed', reason: expect.stringMatching(/^wrongGeography/) });
    expect(valueOf('geo', 'live')).toBe('of the target');
    const { control } = e2e.stack.emulator;
    expect(
      control.count({ vault: 'geo', operation: 'secrets.restore' }) +
        control.count({ vault: 'geo', operation: 'keys.restore' }) +
        control.count({ vault: 'geo', operation: 'certificates.restore' }),
    ).toBe(1);
    expect(control.count({ vault: 'geo', operation: 'secrets.delete' })).toBe(0);
  });
});

test('these restores needed every action of the target and the replace role, and of storage', async () => {
  expect(unusedActions(e2e.stack, 'restore', [...restoreActions, ...replaceActions])).toEqual([]);
  await e2e.callRestore('GET', 'health');
  for (const container of ['backups', 'safety'])
    expect([container, ...unusedOnContainer(e2e.stack, 'restore', container)]).toEqual([container]);
});
