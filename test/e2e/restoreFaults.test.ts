/** Restores under faults: lost replies, changed and missing blobs, refused and throttled targets, a killed worker. */
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type E2e, waitFor } from './harness.ts';
import { backUpNow, outcomesOf, source, startRestoreE2e } from './restoreHarness.ts';

let e2e: E2e;

beforeAll(async () => {
  const targets = ['lost', 'flipped', 'refused', 'throttled', 'killed', 'down', 'unaudited', 'far'];
  e2e = await startRestoreE2e({
    ...Object.fromEntries(targets.map((name) => [name, { allowReplace: true }])),
    far: { spec: { geography: 'Japan', region: 'japaneast' } },
  });
  const { seed } = e2e.stack.emulator.control;
  for (const name of ['one', 'two', 'three']) seed.secret(source, { name, value: `${name} of the source` });
  await seed.key(source, { name: 'signing' });
  await backUpNow(e2e);
});
afterAll(() => e2e?.stop());

const control = () => e2e.stack.emulator.control;
const valueOf = (vault: string, name: string) =>
  control()
    .objects(vault)
    .secrets.find((secret) => secret.name === name && secret.state === 'live')
    ?.versions.at(-1)?.value;
const blobOf = async (name: string) =>
  (await e2e.lines(await e2e.waitForPoint(source))).find((line) => line.name === name)?.blob ?? '';

describe('a restore under faults', () => {
  test('a lost reply to the restore POST is told as restored, not as a conflict', async () => {
    control().addFault({
      vault: 'lost',
      operation: 'secrets.restore',
      name: 'one',
      count: 1,
      when: 'after',
      kind: { reset: true },
    });
    control().addFault({
      vault: 'lost',
      operation: 'secrets.restore',
      count: 1,
      when: 'after',
      kind: { reset: true },
    });
    const detail = await e2e.restore({ vault: source, objects: ['secrets/*'], target: 'lost' });
    expect(detail).toMatchObject({ status: 'complete', counts: { restored: 3 } });
    expect(valueOf('lost', 'one')).toBe('one of the source');
  });

  test('another geography that the regions tell is blocked in the plan, without a write', async () => {
    const detail = await e2e.restore({ vault: source, objects: ['**'], target: 'far' });
    expect(detail).toMatchObject({ status: 'failed', counts: { blocked: 4 } });
    expect(control().writes('far')).toBe(0);
  });

  test('a target that refuses ends it at once, with the action to assign', async () => {
    control().setNetwork('refused', 'firewall');
    const detail = await e2e.restore({ vault: source, objects: ['**'], target: 'refused' });
    expect(detail).toMatchObject({ status: 'failed', reason: expect.stringContaining('firewall') });
    control().setNetwork('refused', 'open');
    const fault = control().addFault({
      vault: 'refused',
      operation: 'secrets.restore',
      kind: { status: 403, code: 'Forbidden', innererror: 'ForbiddenByRbac' },
    });
    const second = await e2e.restore({
      vault: source,
      objects: ['secrets/one', 'keys/signing'],
      target: 'refused',
    });
    expect(outcomesOf(second)).toEqual({
      'secrets/one': ['restore', 'failed'],
      'keys/signing': ['restore', 'restored'],
    });
    expect(second.objects.find(({ object }) => object === 'secrets/one')?.hint).toContain(
      'Microsoft.KeyVault/vaults/secrets/restore/action',
    );
    control().removeFault(fault);
  });

  test('a throttled target is waited for', async () => {
    control().addFault({
      vault: 'throttled',
      operation: 'secrets.restore',
      count: 2,
      kind: { status: 429, code: 'Throttled' },
    });
    control().addFault({
      vault: 'throttled',
      operation: 'keys.list',
      count: 1,
      kind: { status: 429, code: 'Throttled', retryAfterSeconds: 1 },
    });
    expect(await e2e.restore({ vault: source, objects: ['**'], target: 'throttled' })).toMatchObject({
      status: 'complete',
      counts: { restored: 4 },
    });
  });

  test('a target that is down for a while is waited for', async () => {
    control().setReachable('down', false);
    const asked = await e2e.callRestore('POST', 'restores', {
      vault: source,
      objects: ['**'],
      target: 'down',
      reason: 'while it is down',
    });
    await waitFor(async () =>
      (
        (await e2e.callRestore('GET', `restores/${String(asked.body['id'])}`)).body['reason'] as string | null
      )?.includes('vault down'),
    );
    control().setReachable('down', true);
    expect(await e2e.restored(String(asked.body['id']))).toMatchObject({ status: 'complete', reason: null });
  });

  test('if the audit record cannot be written, nothing is restored', async () => {
    const stop = e2e.stack.blobs.before(({ container, operation }) =>
      container === 'audit' && operation === 'PutBlob'
        ? { status: 403, code: 'AuthorizationPermissionMismatch' }
        : undefined,
    );
    const detail = await e2e.restore({ vault: source, objects: ['**'], target: 'unaudited' });
    stop();
    expect(detail).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('audit record cannot be written'),
    });
    expect(control().writes('unaudited')).toBe(0);
  });

  test('a worker killed at each write of a replacement: every object ends once, with a true outcome, and nothing is lost', {
    timeout: 180_000,
  }, async () => {
    const operations = [
      'secrets.backup',
      'secrets.delete',
      'secrets.deletedGet',
      'secrets.purge',
      'secrets.restore',
      'secrets.versions',
    ];
    const seen = new Set<string>();
    for (const operation of operations) {
      await e2e
        .operator('killed')
        .secrets.setSecret('one', `before ${operation}`)
        .catch(() => undefined);
      let armed = true;
      const stop = control().onReply(({ vault, operation: served, identity }) => {
        if (vault !== 'killed' || identity !== 'restore') return;
        seen.add(served);
        if (!armed || !served.toLowerCase().includes(operation.toLowerCase())) return;
        armed = false;
        void e2e.stack.restoreHost?.killWorker('SIGKILL');
      });
      const detail = await e2e.restore({
        vault: source,
        objects: ['secrets/one'],
        target: 'killed',
        onConflict: 'replace',
      });
      stop();
      expect([operation, detail.status, detail.objects[0]?.outcome, valueOf('killed', 'one')]).toEqual([
        operation,
        'complete',
        'replaced',
        'one of the source',
      ]);
    }
    expect([...seen]).toEqual(
      expect.arrayContaining(['secrets.backup', 'secrets.delete', 'secrets.purge', 'secrets.restore']),
    );
  });

  test('a flipped byte and a missing blob are refused before any write, by name', async () => {
    // Past the immutability proxy, as somebody with the storage account itself could.
    const direct = BlobServiceClient.fromConnectionString(
      e2e.stack.azurite.connectionString,
    ).getContainerClient('backups');
    const flipped = direct.getBlockBlobClient(await blobOf('two'));
    const bytes = await flipped.downloadToBuffer();
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    await flipped.upload(bytes, bytes.length);
    await direct.getBlobClient(await blobOf('three')).delete();

    const detail = await e2e.restore({ vault: source, objects: ['secrets/*'], target: 'flipped' });
    expect(detail).toMatchObject({ status: 'partial', counts: { restored: 1, failed: 2 } });
    const reasons = Object.fromEntries(detail.objects.map(({ object, reason }) => [object, reason]));
    expect(reasons['secrets/two']).toMatch(/^corruptBlob: .*recorded SHA-256/);
    expect(reasons['secrets/three']).toMatch(/^corruptBlob: .*missing/);
    expect(control().count({ vault: 'flipped', operation: 'secrets.restore' })).toBe(1);
  });
});
