/** The Key Vault adapter through the real SDK clients against the emulator: shapes, and one request per method. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Kind, ListedObject } from '../../shared/domain/objects.ts';
import type { SourceVault, VersionsPage } from '../../shared/ports/sourceVault.ts';
import type { Emulator } from '../emulator/emulator.ts';
import { type EmulatedVault, name, startEmulatedVault } from './emulatedVault.ts';

let emulated: EmulatedVault;
let emulator: Emulator;
let vault: SourceVault;

beforeAll(async () => {
  emulated = await startEmulatedVault();
  ({ emulator } = emulated);
  vault = emulated.connect();
});
afterAll(() => emulator?.stop());
beforeEach(() => {
  emulator.control.resetCounters();
  emulator.control.clearFaults();
});

async function listAll(kind: Kind): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  for (let next: string | null = null, pages = 0; pages < 20; pages += 1) {
    const page = await vault.listPage(kind, next);
    objects.push(...page.objects);
    if (page.next === null) return objects;
    next = page.next;
  }
  throw new Error('the listing did not end');
}

const calls = (operation: string) => emulator.control.count({ vault: name, operation });

describe('listing', () => {
  test('goes through all pages, an empty one among them, one request each', async () => {
    const secrets = await listAll('secret');
    expect(secrets).toHaveLength(32);
    expect(calls('secrets.list')).toBe(3);
  });

  test('shows attributes, tag names and a digest of the tags', async () => {
    const odd = (await listAll('secret')).find((secret) => secret.name === 'Odd-Name');
    expect(odd).toMatchObject({
      kind: 'secret',
      enabled: false,
      contentType: 'text/plain',
      tagNames: ['a', 'b'],
      expires: 1_900_000_000,
      managed: false,
    });
    expect(odd?.tagsDigest).toBe(
      createHash('sha256')
        .update(
          JSON.stringify([
            ['a', '1'],
            ['b', '2'],
          ]),
        )
        .digest('hex'),
    );
  });

  test('marks a certificate’s key and secret as managed', async () => {
    expect((await listAll('secret')).find((secret) => secret.name === 'www')?.managed).toBe(true);
    expect((await listAll('key')).map((key) => [key.name, key.managed])).toEqual([
      ['ec', false],
      ['rsa', false],
      ['www', true],
    ]);
    const [certificate] = await listAll('certificate');
    expect(certificate).toMatchObject({ kind: 'certificate', name: 'www', managed: false });
    expect(certificate?.x5t).toMatch(/^[\w-]{27}$/);
  });

  test('goes on after a page that failed, without starting again', async () => {
    const first = await vault.listPage('secret', null);
    emulator.control.addFault({ operation: 'secrets.list', count: 1, kind: { status: 503 } });
    await expect(vault.listPage('secret', first.next)).rejects.toMatchObject({ code: 'unreachable' });
    const second = await vault.listPage('secret', first.next);
    expect(second.objects.map((object) => object.name)).not.toContain(first.objects[0]?.name);
  });
});

describe('backup', () => {
  test.each([
    ['secret', 's00'],
    ['key', 'rsa'],
    ['certificate', 'www'],
  ] as const)('of a %s is one request and gives bytes with the vault’s own date', async (kind, object) => {
    await vault.listPage(kind, null); // The first call of a client costs an unauthenticated probe.
    emulator.control.resetCounters();
    const blob = await vault.backup({ kind, name: object });
    expect(blob.bytes.length).toBeGreaterThan(2000);
    expect(Math.abs(Date.parse(blob.vaultDate) - Date.now())).toBeLessThan(60_000);
    expect(calls(`${kind}s.backup`)).toBe(1);
    expect(emulator.control.counters().rows.reduce((sum, { count }) => sum + count, 0)).toBe(1);
  });

  test('tells the region', async () => {
    await vault.backup({ kind: 'secret', name: 's00' });
    expect(vault.region()).toBe('northeurope');
  });

  test('key facts: type, current version, public digest, rotation policy', async () => {
    const current = await vault.currentKey('rsa');
    expect(current).toMatchObject({
      keyType: 'RSA',
      currentVersion: expect.stringMatching(/^[0-9a-f]{32}$/),
      publicKeyDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await vault.rotationPolicy('rsa')).toMatchObject({
      expiryTime: 'P90D',
      actions: expect.arrayContaining([
        { action: 'Rotate', timeAfterCreate: null, timeBeforeExpiry: 'P30D' },
      ]),
    });
    expect((await vault.rotationPolicy('ec'))?.actions).toEqual([
      { action: 'Notify', timeAfterCreate: null, timeBeforeExpiry: 'P30D' },
    ]);
  });
});

describe('versions', () => {
  test('of a secret come in pages of 25 at most, one request each, with what tells them apart and the vault’s date', async () => {
    emulator.control.seed.secret(name, { name: 'many', value: 'v', versions: 30, created: 1_700_000_000 });
    const pages: VersionsPage[] = [];
    for (
      let next: string | null = null;
      pages.length === 0 || next !== null;
      next = pages.at(-1)?.next ?? null
    )
      pages.push(await vault.versionsPage({ kind: 'secret', name: 'MANY' }, next));
    // An empty page in between is as the service does it.
    expect(pages.map(({ versions }) => versions.length)).toEqual([25, 0, 5]);
    expect(calls('secrets.versions')).toBe(3);
    for (const { vaultDate } of pages)
      expect(Math.abs(Date.parse(vaultDate) - Date.now())).toBeLessThan(60_000);
    const all = pages.flatMap(({ versions }) => versions);
    expect(new Set(all.map(({ version }) => version)).size).toBe(30);
    expect(new Set(all.map(({ created }) => created))).toEqual(new Set([1_700_000_000]));
    // In order of their ids: neither end is the newest by rule.
    expect(all.map(({ version }) => version)).toEqual(all.map(({ version }) => version).sort());
  });

  test('of a key and a certificate name the version that is current', async () => {
    const key = await vault.versionsPage({ kind: 'key', name: 'rsa' }, null);
    const { currentVersion } = await vault.currentKey('rsa');
    expect(key).toMatchObject({ next: null, versions: [{ version: currentVersion }] });
    const certificate = await vault.versionsPage({ kind: 'certificate', name: 'www' }, null);
    expect(certificate).toMatchObject({
      next: null,
      versions: [{ version: expect.stringMatching(/^[0-9a-f]{32}$/) }],
    });
  });

  test('of what is not there are none', async () => {
    for (const kind of ['secret', 'key', 'certificate'] as const)
      expect(await vault.versionsPage({ kind, name: 'nowhere' }, null)).toMatchObject({
        versions: [],
        next: null,
      });
  });
});
