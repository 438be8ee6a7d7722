/** The Key Vault adapter through the real SDK clients against the emulator: shapes, one request per method, errors. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyVault } from '../../shared/azure/keyVault.ts';
import type { Kind, ListedObject } from '../../shared/domain/objects.ts';
import type { SourceVault } from '../../shared/ports/sourceVault.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { makeTls } from '../emulator/tls.ts';
import { backupActions } from '../local/stack.ts';
import { trust } from '../local/trust.ts';

let emulator: Emulator;
let vault: SourceVault;
const name = 'contoso';

beforeAll(async () => {
  const tls = await makeTls();
  emulator = await startEmulator({
    vaults: [{ name, region: 'northeurope' }],
    identities: [{ name: 'backup', grants: { '*': backupActions } }],
    tls,
    throttling: false,
  });
  trust(tls.ca);
  vault = connect();
  const { seed } = emulator.control;
  for (let i = 0; i < 30; i += 1)
    seed.secret(name, { name: `s${String(i).padStart(2, '0')}`, value: `value ${i}` });
  seed.secret(name, {
    name: 'Odd-Name',
    value: 'x',
    enabled: false,
    contentType: 'text/plain',
    tags: { b: '2', a: '1' },
    expires: 1_900_000_000,
  });
  const rotate = { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Rotate' as const } };
  await seed.key(name, {
    name: 'rsa',
    kty: 'RSA',
    rotationPolicy: { lifetimeActions: [rotate], expiryTime: 'P90D' },
  });
  await seed.key(name, { name: 'ec', kty: 'EC' });
  await seed.certificate(name, { name: 'www' });
});
afterAll(() => emulator?.stop());
beforeEach(() => {
  emulator.control.resetCounters();
  emulator.control.clearFaults();
});

function connect(timeoutMs = 5_000): SourceVault {
  const url = emulator.vaults[0]?.url ?? '';
  const token = async () => {
    const answer = await fetch(
      `${emulator.identityEndpoint}?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net`,
      {
        headers: { 'x-identity-header': emulator.identityHeader },
      },
    );
    const { access_token, expires_on } = (await answer.json()) as {
      access_token: string;
      expires_on: string;
    };
    return { token: access_token, expiresOnTimestamp: Number(expires_on) * 1000 };
  };
  return keyVault({ name, url, credential: { getToken: token }, timeoutMs });
}

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

describe('errors', () => {
  test('an object that is gone', async () => {
    await expect(vault.backup({ kind: 'secret', name: 'never' })).rejects.toMatchObject({ code: 'notFound' });
  });

  test('a managed object', async () => {
    await expect(vault.backup({ kind: 'key', name: 'www' })).rejects.toMatchObject({ code: 'managed' });
    await expect(vault.backup({ kind: 'secret', name: 'www' })).rejects.toMatchObject({ code: 'managed' });
  });

  test('a missing role, with the action to assign', async () => {
    emulator.control.setGrants('backup', {
      '*': backupActions.filter((action) => !action.includes('secrets/backup')),
    });
    await expect(vault.backup({ kind: 'secret', name: 's00' })).rejects.toMatchObject({
      code: 'forbidden',
      hint: expect.stringContaining('Microsoft.KeyVault/vaults/secrets/backup/action'),
    });
    emulator.control.setGrants('backup', { '*': backupActions });
  });

  test('a firewall', async () => {
    emulator.control.setNetwork(name, 'firewall');
    await expect(vault.listPage('key', null)).rejects.toMatchObject({
      code: 'forbidden',
      hint: expect.stringContaining('firewall'),
    });
    emulator.control.setNetwork(name, 'open');
  });

  const faults = [
    [{ status: 429 }, 'throttled', undefined],
    [{ status: 429, retryAfterSeconds: 7 }, 'throttled', 7],
    [{ status: 500, body: 'empty' }, 'unreachable', undefined],
    [{ status: 502, body: 'html' }, 'unreachable', undefined],
    [{ status: 503, body: 'truncated' }, 'unreachable', undefined],
    [{ status: 500, body: 'null' }, 'unreachable', undefined],
    [{ reset: true }, 'unreachable', undefined],
  ] as const;
  const methods = {
    'secrets.list': () => vault.listPage('secret', null),
    'secrets.backup': () => vault.backup({ kind: 'secret', name: 's00' }),
    'keys.get': () => vault.currentKey('rsa'),
    'keys.rotationPolicy.get': () => vault.rotationPolicy('rsa'),
  };
  for (const [operation, call] of Object.entries(methods)) {
    test.each(faults)(
      `${operation} answered by %j is %s, and asked only once`,
      async (kind, code, retryAfterSeconds) => {
        emulator.control.addFault({ operation, kind });
        await expect(call()).rejects.toMatchObject({ name: 'BackupError', code, retryAfterSeconds });
        expect(calls(operation)).toBe(1);
      },
    );
  }

  test('no answer in time is unreachable, for every method', async () => {
    const hasty = connect(300);
    emulator.control.addFault({ operation: 'secrets.backup', kind: { hang: true } });
    emulator.control.addFault({ operation: 'keys.rotationPolicy.get', kind: { hang: true } });
    await expect(hasty.backup({ kind: 'secret', name: 's00' })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no answer in time'),
    });
    await expect(hasty.rotationPolicy('rsa')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no answer in time'),
    });
  });

  test('a token that is refused is no missing permission: tried again, with what to check', async () => {
    emulator.control.addFault({
      operation: 'secrets.backup',
      kind: { status: 401, code: 'Unauthorized', message: '[TokenExpired] expired' },
    });
    await expect(vault.backup({ kind: 'secret', name: 's00' })).rejects.toMatchObject({
      code: 'unreachable',
      hint: expect.stringContaining('token'),
    });
  });

  test('after a refused token the next call asks for a new one', async () => {
    await vault.listPage('secret', null);
    emulator.control.expireTokens();
    await expect(vault.listPage('secret', null)).rejects.toMatchObject({ code: 'unreachable' });
    expect((await vault.listPage('secret', null)).objects.length).toBeGreaterThan(0);
  });
});
