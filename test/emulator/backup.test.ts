import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seal } from './blob.ts';
import { type Raw, type Running, start } from './testing.ts';

let running: Running;
beforeAll(async () => {
  running = await start({
    throttling: false,
    vaults: [
      { name: 'v1', sku: 'premium' },
      { name: 'same', retentionDays: 7, region: 'northeurope' },
      { name: 'premium', sku: 'premium' },
      { name: 'otherGeography', geography: 'Asia' },
      { name: 'otherSubscription', subscription: 'sub-2' },
    ],
  });
  const { seed } = running.control;
  const created = Date.UTC(2024, 0, 1) / 1000;
  const base = { versions: 3, created, updated: created + 60, tags: { team: 'pay' } };
  seed.secret('v1', {
    ...base,
    name: 'secret-1',
    value: 'shh',
    contentType: 'text',
    notBefore: 1,
    expires: 4_781_870_437,
  });
  await seed.key('v1', {
    ...base,
    name: 'key-1',
    kty: 'RSA',
    rotationPolicy: {
      lifetimeActions: [{ trigger: { timeAfterCreate: 'P60D' }, action: { type: 'Rotate' } }],
    },
  });
  await seed.certificate('v1', { ...base, name: 'certificate-1', kty: 'RSA' });
});
afterAll(() => running.stop());

const folders = { secret: 'secrets', key: 'keys', certificate: 'certificates' } as const;
const kinds = Object.keys(folders) as (keyof typeof folders)[];

async function backup(folder: string, name: string, vault = 'v1'): Promise<string> {
  const answer = await running.raw('POST', `/${folder}/${name}/backup`, undefined, { vault });
  expect(answer.status).toBe(200);
  expect(Object.keys(answer.json)).toEqual(['value']);
  return answer.json['value'] ?? '';
}

const restore = (folder: string, value: string, vault: string): Promise<Raw> =>
  running.raw('POST', `/${folder}/restore`, { value }, { vault });

const errorOf = ({ status, json }: Raw): unknown[] => [
  status,
  json['error']?.['code'],
  json['error']?.['message'],
];

describe.each(kinds)('the backup of a %s', (kind) => {
  const folder = folders[kind];
  const marker = `AzureKeyVault${kind === 'secret' ? 'Secret' : 'Key'}BackupV1.microsoft.com`;

  it('is unpadded base64url of a length byte, the marker, and a compact JWE', async () => {
    const value = await backup(folder, `${kind}-1`);
    expect(value).toMatch(/^[\w-]+$/);
    const bytes = Buffer.from(value, 'base64url');
    expect(bytes[0]).toBe(marker.length);
    expect(bytes.subarray(1, 1 + marker.length).toString()).toBe(marker);
    const parts = bytes
      .subarray(1 + marker.length)
      .toString()
      .split('.');
    expect(parts).toHaveLength(5);
    const header = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString()) as Record<string, string>;
    expect(header).toEqual({
      kid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      alg: 'RSA-OAEP-256',
      enc: 'A256CBC-HS512',
    });
    expect(Buffer.from(parts[1] ?? '', 'base64url')).toHaveLength(256);
  });

  it('has a realistic size, differs each time, and shows nothing of the content', async () => {
    const [first, second] = [await backup(folder, `${kind}-1`), await backup(folder, `${kind}-1`)];
    expect(first).not.toBe(second);
    expect(first.length).toBeGreaterThan({ secret: 3700, key: 9400, certificate: 41_000 }[kind]);
    expect(Buffer.from(first, 'base64url').toString('latin1')).not.toContain(`${kind}-1`);
  });

  it('restores every version with its id, times, tags and value in another vault', async () => {
    const before = running.control.objects('v1')[folder].find(({ name }) => name === `${kind}-1`);
    const answer = await restore(folder, await backup(folder, `${kind}-1`), 'same');
    expect(answer.status).toBe(200);
    for (const member of ['value', 'pending']) expect(answer.json).not.toHaveProperty(member);
    const id = (kind === 'key' ? answer.json['key']?.['kid'] : answer.json['id']) ?? '';
    expect(id).toBe(`${running.vaults[1]?.url}/${folder}/${kind}-1/${before?.versions.at(-1)?.id}`);
    expect(answer.json['attributes']).toMatchObject({
      recoveryLevel: 'CustomizedRecoverable+Purgeable',
      recoverableDays: 7,
      created: Date.UTC(2024, 0, 1) / 1000,
      updated: Date.UTC(2024, 0, 1) / 1000 + 60,
    });
    const after = running.control.objects('same')[folder].find(({ name }) => name === `${kind}-1`);
    expect(after?.versions).toHaveLength(3);
    expect(after?.versions).toEqual(before?.versions);
  });

  it('conflicts with a live name, without innererror', async () => {
    const value = await backup(folder, `${kind}-1`);
    const answer = await restore(folder, value, 'v1');
    expect([answer.status, answer.json['error']?.['code']]).toEqual([409, 'Conflict']);
    expect(answer.json['error']?.['message']).toMatch(
      new RegExp(`^There was a conflict restoring the ${kind} 'https://`),
    );
    expect(answer.json['error']).not.toHaveProperty('innererror');
  });

  it.each(['otherGeography', 'otherSubscription'])('does not open in %s', async (vault) => {
    const answer = await restore(folder, await backup(folder, `${kind}-1`), vault);
    expect(errorOf(answer)).toEqual([400, 'BadParameter', 'Cannot decrypt backup blob.']);
    expect(running.control.objects(vault)[folder]).toEqual([]);
  });

  it('is recognised as malformed in two ways', async () => {
    const corrupt = [400, 'Malformed backup blob', 'Backup blob is corrupt.'];
    const unknown = [400, 'Malformed backup blob', 'Backup blob contains invalid or corrupt version.'];
    const garbage = Buffer.from('non-existing').toString('base64url');
    expect(errorOf(await restore(folder, garbage, 'same'))).toEqual(corrupt);
    expect(errorOf(await restore(folder, Buffer.alloc(500).toString('base64url'), 'same'))).toEqual(unknown);
    const bytes = Buffer.from(await backup(folder, `${kind}-1`), 'base64url');
    const at = bytes.length - 100;
    bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;
    expect(errorOf(await restore(folder, bytes.toString('base64url'), 'otherGeography'))[0]).toBe(400);
    expect(errorOf(await restore(folder, bytes.toString('base64url'), 'premium'))).toEqual(corrupt);
  });

  it('does not restore as another kind', async () => {
    const value = await backup(folder, `${kind}-1`);
    for (const other of kinds.filter((each) => each !== kind)) {
      expect((await restore(folders[other], value, 'premium')).status).toBe(400);
    }
  });

  it('is 404 for a missing name', async () => {
    const answer = await running.raw('POST', `/${folder}/none/backup`);
    expect(answer.status).toBe(404);
    expect(answer.json['error']?.['message']).toContain(`A ${kind} with (name/id) none was not found`);
  });
});

describe('a restore', () => {
  it('conflicts with a name in another case', async () => {
    running.control.seed.secret('premium', { name: 'SECRET-1', value: 'x' });
    expect((await restore('secrets', await backup('secrets', 'secret-1'), 'premium')).status).toBe(409);
  });

  it('leaves the rotation policy behind', async () => {
    const value = await backup('keys', 'key-1');
    await restore('keys', value, 'premium');
    const { json } = await running.raw('GET', '/keys/key-1/rotationpolicy', undefined, { vault: 'premium' });
    expect(json).not.toHaveProperty('id');
    expect(json['lifetimeActions']).toHaveLength(1);
  });

  it('brings a certificate back with its policy, key and secret', async () => {
    const { json } = await running.raw('GET', '/secrets/certificate-1/', undefined, { vault: 'same' });
    expect(json).toMatchObject({ managed: true, contentType: 'application/x-pkcs12' });
    const policy = await running.raw('GET', '/certificates/certificate-1/policy', undefined, {
      vault: 'same',
    });
    expect(policy.json['lifetime_actions']?.[0]?.['action']?.['action_type']).toBe('AutoRenew');
  });

  it('of a certificate conflicts with a key or secret of its name, and theirs with a certificate', async () => {
    const { seed } = running.control;
    const certificate = await backup('certificates', 'certificate-1');
    seed.secret('premium', { name: 'certificate-1', value: 'x' });
    expect((await restore('certificates', certificate, 'premium')).status).toBe(409);
    seed.secret('v1', { name: 'both', value: 'x' });
    const secret = await backup('secrets', 'both');
    await seed.certificate('same', { name: 'both' });
    expect((await restore('secrets', secret, 'same')).status).toBe(409);
  });

  it('puts no HSM key into a standard vault', async () => {
    await running.control.seed.key('v1', { name: 'hsm', kty: 'EC-HSM' });
    const value = await backup('keys', 'hsm');
    expect((await restore('keys', value, 'same')).status).toBe(400);
    expect((await restore('keys', value, 'premium')).status).toBe(200);
  });

  it('keeps disabled and expired versions as they were', async () => {
    running.control.seed.secret('v1', { name: 'old', value: 'x', enabled: false, expires: 5 });
    const answer = await restore('secrets', await backup('secrets', 'old'), 'same');
    expect(answer.json['attributes']).toMatchObject({ enabled: false, exp: 5 });
  });

  it('works between emulators of one subscription and geography', async () => {
    const other = await start({ vaults: [{ name: 'elsewhere', region: 'northeurope' }] });
    const value = await backup('secrets', 'secret-1');
    expect((await other.raw('POST', '/secrets/restore', { value })).status).toBe(200);
    await other.stop();
  });

  it("needs a blob that the vault's world key sealed", async () => {
    const foreign = seal('secret', { subscription: 'sub-1', geography: 'Mars' }, Buffer.from('{}'));
    expect(errorOf(await restore('secrets', foreign, 'v1'))[2]).toBe('Cannot decrypt backup blob.');
  });
});

describe('versions', () => {
  it('may be 501 in a backup, not 502', async () => {
    running.control.seed.secret('v1', { name: 'most', value: 'x', versions: 501 });
    running.control.seed.secret('v1', { name: 'too-many', value: 'x', versions: 502 });
    const value = await backup('secrets', 'most');
    await restore('secrets', value, 'same');
    const restored = running.control.objects('same').secrets.find(({ name }) => name === 'most');
    expect(restored?.versions).toHaveLength(501);
    expect((await running.raw('POST', '/secrets/too-many/backup')).status).toBe(400);
  });
});
