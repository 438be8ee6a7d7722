/** A scheduled backup through everything real: accounting, bytes, counts of calls, and files that restore alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupActions } from '../local/grants.ts';
import { type E2e, type Line, type Point, sha256, startE2e } from './harness.ts';
import { liveObjects, problemsOf } from './reader.ts';
import { unusedActions } from './rights.ts';

let e2e: E2e;
let point: Point;
let lines: Line[];
let puts = 0;
let heads = 0;
/** objectKey → digest of the bytes that the vault answered with. */
const answered = new Map<string, string>();
const vault = 'mix';

beforeAll(async () => {
  // Calls are counted: none may be given up and made again because this machine is busy.
  e2e = await startE2e({ vaults: { mix: {}, second: {}, quiet: {} }, env: { VAULT_TIMEOUT_SECONDS: '30' } });
  const { control } = e2e.stack.emulator;
  const { seed } = control;
  seed.many(vault, 40, (i) => `Bulk-${i}`);
  seed.secret(vault, { name: 'versions', value: 'x', versions: 12 });
  seed.secret(vault, { name: 'disabled', value: 'x', enabled: false });
  seed.secret(vault, { name: 'expired', value: 'x', expires: 1_600_000_000 });
  seed.secret(vault, { name: 'not-yet', value: 'x', notBefore: 4_000_000_000 });
  seed.secret(vault, { name: 'large', value: 'x'.repeat(25_600) });
  seed.secret(vault, { name: 'a', value: 'one character' });
  seed.secret(vault, { name: `L${'o'.repeat(125)}g`, value: '127 characters' });
  seed.secret(vault, { name: '-0-odd-', value: 'legal', tags: { owner: 'Zoë' } });
  await seed.key(vault, {
    name: 'rsa',
    kty: 'RSA',
    versions: 2,
    rotationPolicy: {
      lifetimeActions: [{ trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Rotate' } }],
      expiryTime: 'P90D',
    },
  });
  await seed.key(vault, { name: 'ec', kty: 'EC' });
  for (let i = 0; i < 30; i += 1) await seed.certificate(vault, { name: `site-${i}` });
  control.onReply(({ vault: from, operation, name }, { body }) => {
    if (from !== vault || !operation.endsWith('.backup')) return;
    const { value } = body as { value: string };
    answered.set(
      `${operation.split('.')[0]}/${name?.toLowerCase()}`,
      sha256(Buffer.from(value, 'base64url')),
    );
  });
  control.resetCounters();
  e2e.stack.blobs.resetCounters();
  await e2e.fire(vault);
  point = await e2e.waitForPoint(vault);
  puts = e2e.stack.blobs.count({ operation: 'PutBlob', container: 'backups' });
  heads = e2e.stack.blobs.count({ operation: 'GetBlobProperties', container: 'backups' });
  lines = await e2e.lines(point);
});
afterAll(() => e2e?.stop());

describe('one run', () => {
  test('is complete, accounts for every object of the vault, and is sound to an independent reader', async () => {
    expect(point).toMatchObject({ status: 'complete', trigger: 'timer', immutability: 'policy' });
    expect(lines.map(({ kind, name }) => `${kind}/${name}`).sort()).toEqual(
      liveObjects(e2e.stack.emulator.control, vault),
    );
    expect(point.counts).toEqual({
      listed: 48 + 2 + 30 * 3,
      stored: 48 + 2 + 30,
      carried: 0,
      gone: 0,
      skipped: 60,
      failed: 0,
    });
    expect(await problemsOf(e2e.stack.container('backups'), vault)).toEqual([]);
  });

  test('skips exactly the managed keys and secrets, and says why', () => {
    const skipped = lines.filter(({ outcome }) => outcome === 'skipped');
    expect(
      skipped.every(
        ({ kind, name, reason }) =>
          kind !== 'certificate' && name.startsWith('site-') && reason?.startsWith('managed'),
      ),
    ).toBe(true);
  });

  test('stores the very bytes that the vault answered with', () => {
    const stored = lines.filter(({ outcome }) => outcome === 'stored');
    expect(answered.size).toBe(stored.length);
    for (const line of stored)
      expect(answered.get(`${line.kind}s/${line.name.toLowerCase()}`)).toBe(line.sha256);
  });

  test('costs one call per secret and certificate, three per key, one per list page; inventory and probes apart', () => {
    const { control } = e2e.stack.emulator;
    const calls = (operation: string) => control.count({ vault, operation });
    expect({ secrets: calls('secrets.backup'), certificates: calls('certificates.backup') }).toEqual({
      secrets: 48,
      certificates: 30,
    });
    expect([calls('keys.backup'), calls('keys.get'), calls('keys.rotationPolicy.get')]).toEqual([2, 2, 2]);
    // 78 secrets, 32 keys and 30 certificates at 25 a page, and one empty page in each listing; listed twice.
    expect([calls('secrets.list'), calls('keys.list'), calls('certificates.list')]).toEqual([10, 6, 6]);
    const probes = calls('probe');
    expect(probes).toBeGreaterThanOrEqual(1);
    const inventory = calls('secrets.versions') + calls('keys.versions') + calls('certificates.versions');
    // A first run looks at the versions of one object in 144, by hash of their names: some of these 80, or none.
    expect(inventory).toBeLessThan(10);
    expect(point.inventory).toEqual({ seen: inventory, requests: inventory });
    const captures = 48 + 30 + 6;
    expect(control.count({ vault }) - probes - inventory).toBe(captures + 22);
    expect(point.requests).toEqual({
      vault: captures + 22 + inventory,
      throttled: 0,
      pausedMs: 0,
      slowest: 1,
    });
  });

  test('needs every action of the source role', () => {
    expect(unusedActions(e2e.stack, 'backup', backupActions)).toEqual([]);
  });

  test('costs one PUT per captured object in the backups container, and one each for index and point', () => {
    expect(puts).toBe(80 + 2);
    // Whether the run's point is there: at its start and at its seal, never per object.
    expect(heads).toBeLessThan(5);
  });

  test('each file restores alone into another vault of the same geography and subscription', async () => {
    const { secrets, keys, certificates } = e2e.operator('second');
    for (const line of lines.filter(
      ({ outcome, name }) => outcome === 'stored' && !name.startsWith('Bulk-1'),
    )) {
      const file = await e2e.stack
        .container('backups')
        .getBlobClient(line.blob ?? '')
        .downloadToBuffer();
      if (line.kind === 'secret') await secrets.restoreSecretBackup(file);
      else if (line.kind === 'key') await keys.restoreKeyBackup(file);
      else await certificates.restoreCertificateBackup(file);
    }
    const { control } = e2e.stack.emulator;
    const original = control.objects(vault).secrets.find(({ name }) => name === 'versions');
    const restored = control.objects('second').secrets.find(({ name }) => name === 'versions');
    expect(restored?.versions).toHaveLength(12);
    expect(restored?.versions.map(({ id, value }) => [id, value])).toEqual(
      original?.versions.map(({ id, value }) => [id, value]),
    );
    expect(control.objects('second').certificates).toHaveLength(30);
  });
});

test('the next run is chained to this one, and needs nothing of it', async () => {
  const started = await e2e.call('POST', 'backups', { vault });
  expect(started.status).toBe(202);
  const next = await e2e.waitForPoint(vault, ({ trigger }) => trigger === 'manual');
  expect(next.previous?.runId).toBe(point.runId);
  expect(await problemsOf(e2e.stack.container('backups'), vault)).toEqual([]);
});

test('an empty vault has a complete point of nothing', async () => {
  await e2e.fire('quiet');
  expect(await e2e.waitForPoint('quiet')).toMatchObject({
    status: 'complete',
    counts: { listed: 0, stored: 0 },
  });
});
