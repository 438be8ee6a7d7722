import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Raw, type Running, start } from './testing.ts';

let running: Running;
let time = Date.UTC(2026, 0, 1);
const settleMs = 1000;
const purgeLimboMs = 5000;
beforeAll(async () => {
  running = await start({
    now: () => time,
    settleMs,
    purgeLimboMs,
    throttling: false,
    vaults: [
      { name: 'v1' },
      { name: 'week', retentionDays: 7 },
      { name: 'safe', purgeProtection: true },
      { name: 'safe30', purgeProtection: true, retentionDays: 30 },
    ],
  });
});
afterAll(() => running.stop());

const kinds = [
  { kind: 'secret', title: 'Secret', folder: 'secrets', create: ['PUT', '', { value: 'x' }] },
  { kind: 'key', title: 'Key', folder: 'keys', create: ['POST', '/create', { kty: 'EC' }] },
  {
    kind: 'certificate',
    title: 'Certificate',
    folder: 'certificates',
    create: [
      'POST',
      '/create',
      { policy: { issuer: { name: 'Self' }, x509_props: { subject: 'CN=x' }, key_props: { kty: 'EC' } } },
    ],
  },
] as const;

async function seed(kind: string, name: string): Promise<void> {
  const { seed: put } = running.control;
  if (kind === 'secret') put.secret('v1', { name, value: 'x' });
  else if (kind === 'key') await put.key('v1', { name, kty: 'EC' });
  else await put.certificate('v1', { name });
}

const codes = ({ status, json }: Raw): unknown[] => [
  status,
  json['error']?.['code'],
  json['error']?.['innererror']?.['code'],
];

describe.each(kinds)('a deleted $kind', ({ kind, title, folder, create: [method, path, body] }) => {
  const createIt = (name: string) => running.raw(method, `/${folder}/${name}${path}`, body);

  it('goes through deleting to deleted, with one set of dates', async () => {
    const name = `${kind}-states`;
    await seed(kind, name);
    const deleted = await running.raw('DELETE', `/${folder}/${name}`);
    expect(deleted.status).toBe(200);
    expect(deleted.json).not.toHaveProperty('value');
    expect(deleted.json['recoveryId']).toMatch(new RegExp(`/deleted${folder}/${name}$`));
    const dates = [Number(deleted.json['deletedDate']), Number(deleted.json['scheduledPurgeDate'])];
    expect(dates).toEqual([time / 1000, time / 1000 + 90 * 86_400]);

    const early = await running.raw('GET', `/deleted${folder}/${name}`);
    expect(codes(early)).toEqual([404, `${title}NotFound`, undefined]);
    expect(early.json['error']?.['message']).toBe(`Deleted ${title} not found: ${name}`);
    expect(codes(await running.raw('DELETE', `/${folder}/${name}`))).toEqual([
      404,
      `${title}NotFound`,
      undefined,
    ]);
    expect((await running.raw('GET', `/${folder}/${name}/`)).status).toBe(404);
    expect(codes(await createIt(name))).toEqual([409, 'Conflict', 'ObjectIsBeingDeleted']);
    expect(codes(await running.raw('POST', `/deleted${folder}/${name}/recover`))).toEqual([
      409,
      'Conflict',
      undefined,
    ]);
    expect(codes(await running.raw('DELETE', `/deleted${folder}/${name}`))).toEqual([
      409,
      'Conflict',
      'ObjectIsBeingDeleted',
    ]);
    expect(
      (await running.raw('GET', `/deleted${folder}`)).json['value']?.some((item) =>
        (item['recoveryId'] ?? '').includes(`/${name}`),
      ),
    ).toBe(false);

    time += settleMs;
    const late = await running.raw('GET', `/deleted${folder}/${name}`);
    expect([late.status, late.json['deletedDate'], late.json['scheduledPurgeDate']]).toEqual([200, ...dates]);
    expect(codes(await createIt(name))).toEqual([409, 'Conflict', 'ObjectIsDeletedButRecoverable']);
    const listed = (await running.raw('GET', `/deleted${folder}`)).json['value']?.[0];
    const id = listed?.[kind === 'key' ? 'kid' : 'id'] ?? '';
    expect(id.endsWith(`/${folder}/${name}`)).toBe(true);
  });

  it('comes back by recover, with the version and times it had', async () => {
    const name = `${kind}-recover`;
    await seed(kind, name);
    const before = (await running.raw('GET', `/${folder}/${name}/`)).json;
    await running.raw('DELETE', `/${folder}/${name}`);
    time += settleMs;
    const recovered = await running.raw('POST', `/deleted${folder}/${name}/recover`);
    expect(recovered.status).toBe(200);
    expect(recovered.json['attributes']).toEqual(before['attributes']);
    expect((await running.raw('GET', `/${folder}/${name}/`)).status).toBe(404);
    expect(codes(await createIt(name))).toEqual([409, 'Conflict', 'ObjectIsBeingRecovered']);
    time += settleMs;
    expect((await running.raw('GET', `/${folder}/${name}/`)).json).toEqual(before);
    const missing = await running.raw('POST', `/deleted${folder}/${name}/recover`);
    expect(missing.status).toBe(404);
    expect(missing.json['error']?.['message']).toContain(`A ${kind} with (name/id) ${name}`);
  });

  it('is purged with 204 and no body, and its name is held back from restore for a while', async () => {
    const name = `${kind}-purge`;
    await seed(kind, name);
    const blob = (await running.raw('POST', `/${folder}/${name}/backup`)).json;
    await running.raw('DELETE', `/${folder}/${name}`);
    expect(codes(await running.raw('POST', `/${folder}/restore`, blob))).toEqual([
      409,
      'Conflict',
      undefined,
    ]);
    time += settleMs;
    expect(codes(await running.raw('POST', `/${folder}/restore`, blob))).toEqual([
      409,
      'Conflict',
      undefined,
    ]);
    const purged = await running.raw('DELETE', `/deleted${folder}/${name}`);
    expect([purged.status, purged.text]).toEqual([204, '']);
    expect(purged.headers).not.toHaveProperty('content-type');
    expect(purged.headers).not.toHaveProperty('content-length');
    const gone = await running.raw('GET', `/deleted${folder}/${name}`);
    expect(gone.json['error']?.['message']).toContain('was not found in this key vault');
    const held = await running.raw('POST', `/${folder}/restore`, blob);
    expect(codes(held)).toEqual([409, 'Conflict', undefined]);
    expect(held.json['error']?.['message']).toContain(`There was a conflict restoring the ${kind} '`);
    time += purgeLimboMs;
    expect((await running.raw('POST', `/${folder}/restore`, blob)).status).toBe(200);
    expect((await running.raw('GET', `/${folder}/${name}/`)).status).toBe(200);
  });

  it('is purged by the vault when its retention is over', async () => {
    const name = `${kind}-retention`;
    await seed(kind, name);
    await running.raw('DELETE', `/${folder}/${name}`);
    time += 90 * 86_400_000;
    expect((await running.raw('GET', `/deleted${folder}/${name}`)).status).toBe(404);
    expect((await createIt(name)).status).toBeLessThan(300);
  });
});

describe('a disabled secret', () => {
  it('is 404 while deleting and 403 once deleted', async () => {
    running.control.seed.secret('v1', { name: 'off', value: 'x', enabled: false });
    expect((await running.raw('DELETE', '/secrets/off')).status).toBe(200);
    expect((await running.raw('GET', '/deletedsecrets/off')).status).toBe(404);
    time += settleMs;
    expect(codes(await running.raw('GET', '/deletedsecrets/off'))).toEqual([
      403,
      'Forbidden',
      'SecretDisabled',
    ]);
    expect((await running.raw('DELETE', '/deletedsecrets/off')).status).toBe(204);
  });
});

describe('recovery levels', () => {
  it.each([
    ['v1', 'Recoverable+Purgeable', 90],
    ['week', 'CustomizedRecoverable+Purgeable', 7],
    ['safe', 'Recoverable', 90],
    ['safe30', 'CustomizedRecoverable', 30],
  ])('of %s is %s', async (vault, recoveryLevel, recoverableDays) => {
    const { json } = await running.raw('PUT', '/secrets/level', { value: 'x' }, { vault });
    expect(json['attributes']).toMatchObject({ recoveryLevel, recoverableDays });
  });

  it('with purge protection forbids a purge', async () => {
    running.control.seed.secret('safe', { name: 'kept', value: 'x' });
    await running.raw('DELETE', '/secrets/kept', undefined, { vault: 'safe' });
    time += settleMs;
    const purge = await running.raw('DELETE', '/deletedsecrets/kept', undefined, { vault: 'safe' });
    expect(codes(purge)).toEqual([403, 'Forbidden', undefined]);
    expect(purge.json['error']?.['message']).toContain(
      'Operation "purge" is not allowed because purge protection is enabled',
    );
  });
});
