import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { CryptographyClient } from '@azure/keyvault-keys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, start } from './testing.ts';

let running: Running;
let time = Date.UTC(2026, 0, 1);
beforeAll(async () => {
  running = await start({
    now: () => time,
    throttling: false,
    vaults: [{ name: 'v1' }, { name: 'hsm', sku: 'premium' }],
  });
});
afterAll(() => running.stop());

describe('creating a key', () => {
  it('fills in the recorded defaults for RSA', async () => {
    const { status, json } = await running.raw('POST', '/keys/rsa/create', {
      kty: 'RSA',
      key_ops: [],
      public_exponent: 0,
    });
    expect(status).toBe(200);
    expect(Object.keys(json['key'] ?? {})).toEqual(['kid', 'kty', 'key_ops', 'n', 'e']);
    expect(json['key']?.['key_ops']).toEqual([
      'encrypt',
      'decrypt',
      'sign',
      'verify',
      'wrapKey',
      'unwrapKey',
    ]);
    expect(json['key']?.['e']).toBe('AQAB');
    expect(json['key']?.['n']).toHaveLength(342);
    expect(json['attributes']).toMatchObject({ exportable: false, hsmPlatform: '0' });
    expect(json).not.toHaveProperty('managed');
  });

  it.each([
    ['P-256', 43],
    ['P-384', 64],
    ['P-521', 88],
    ['P-256K', 43],
  ])('makes %s coordinates of fixed width', async (crv, width) => {
    const { json } = await running.raw('POST', '/keys/ec/create', { kty: 'EC', crv });
    expect(json['key']).toMatchObject({ kty: 'EC', crv, key_ops: ['sign', 'verify'] });
    expect([json['key']?.['x']?.length, json['key']?.['y']?.length]).toEqual([width, width]);
    expect(json['key']).not.toHaveProperty('d');
  });

  it('adds a version to a name that exists, and lists items without the JWK', async () => {
    await running.raw('POST', '/keys/twice/create', { kty: 'EC' });
    await running.raw('POST', '/keys/TWICE/create', { kty: 'EC' });
    const { json } = await running.raw('GET', '/keys/twice/versions');
    expect(json['value']).toHaveLength(2);
    expect(Object.keys(json['value']?.[0] ?? {})).toEqual(['kid', 'attributes']);
    expect(json['value']?.[0]?.['kid']).toContain('/keys/twice/');
  });

  it.each([
    ['no kty', {}, 'Property  has invalid value\r\nProperty  has invalid value\r\n'],
    ['an oct key', { kty: 'oct' }, 'not supported'],
    [
      'an HSM key in a standard vault',
      { kty: 'RSA-HSM' },
      'Hardware key operation not allowed on standard vault',
    ],
    ['a strange size', { kty: 'RSA', key_size: 1024 }, 'not supported'],
    [
      'an exportable key',
      { kty: 'EC', attributes: { exportable: true } },
      'AKV.SKR.1004: Exportable keys must have release policy.',
    ],
  ])('refuses %s', async (_, body, message) => {
    const { status, json } = await running.raw('POST', '/keys/refused/create', body);
    expect([status, json['error']?.['code']]).toEqual([400, 'BadParameter']);
    expect(json['error']?.['message']).toContain(message);
  });

  it('makes HSM keys in a premium vault', async () => {
    const { json } = await running.raw('POST', '/keys/h/create', { kty: 'EC-HSM' }, { vault: 'hsm' });
    expect(json['key']?.['kty']).toBe('EC-HSM');
    expect(json['attributes']?.['hsmPlatform']).toBe('2');
  });

  it.each([
    ['7.3', false, false],
    ['7.4', true, false],
    ['2025-07-01', true, true],
  ])('shows attributes as api-version %s knows them', async (version, exportable, platform) => {
    await running.raw('POST', '/keys/versions/create', { kty: 'EC' });
    const { json } = await running.raw('GET', '/keys/versions/', undefined, { version });
    expect(['exportable' in (json['attributes'] ?? {}), 'hsmPlatform' in (json['attributes'] ?? {})]).toEqual(
      [exportable, platform],
    );
  });
});

describe('importing a key', () => {
  it('returns the public part, and becomes an HSM key when asked', async () => {
    const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
    const plain = await running.raw('PUT', '/keys/imported', { key: { ...jwk, kty: 'RSA' } });
    expect(plain.json['key']).toMatchObject({ kty: 'RSA', n: jwk.n });
    expect(plain.json['key']).not.toHaveProperty('d');
    const hsm = await running.raw('PUT', '/keys/imported', { key: jwk, Hsm: true }, { vault: 'hsm' });
    expect(hsm.json['key']?.['kty']).toBe('RSA-HSM');
    const broken = await running.raw('PUT', '/keys/broken', { key: { ...jwk, d: 'AQAB', n: 'xx' } });
    expect(broken.status).toBe(400);
  });
});

describe('updating a key', () => {
  it('moves `updated`, keeps what is not sent, and leaves a disabled key readable', async () => {
    await running.raw('POST', '/keys/up/create', { kty: 'EC', tags: { a: '1' } });
    time += 7000;
    const patched = await running.raw('PATCH', '/keys/up/', {
      attributes: { enabled: false },
      key_ops: ['sign'],
    });
    expect(patched.json['attributes']).toMatchObject({
      enabled: false,
      updated: time / 1000,
      created: time / 1000 - 7,
    });
    expect(patched.json['tags']).toEqual({ a: '1' });
    expect((await running.raw('GET', '/keys/up/')).json['key']?.['key_ops']).toEqual(['sign']);
    const digest = Buffer.alloc(32, 1).toString('base64url');
    expect((await running.raw('POST', '/keys/up/sign', { alg: 'ES256', value: digest })).status).toBe(403);
  });
});

describe('rotation', () => {
  const path = '/keys/rot/rotationpolicy';
  const notify = { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Notify' } };
  const rotate = { trigger: { timeAfterCreate: 'P60D' }, action: { type: 'Rotate' } };

  it('has a policy without id until one is set, then adds Notify when none is sent', async () => {
    await running.raw('POST', '/keys/rot/create', { kty: 'EC' });
    expect((await running.raw('GET', path)).json).toEqual({ lifetimeActions: [notify], attributes: null });
    const empty = (await running.raw('PUT', path, { lifetimeActions: [] })).json;
    expect(empty['id']).toMatch(/\/keys\/rot\/rotationpolicy$/);
    expect(empty['lifetimeActions']).toEqual([notify]);
    expect(empty['attributes']).toEqual({ created: time / 1000, updated: time / 1000 });
    const set = (
      await running.raw('PUT', path, { lifetimeActions: [rotate], attributes: { expiryTime: 'P90D' } })
    ).json;
    expect(set['lifetimeActions']).toEqual([rotate, notify]);
    const both = [rotate, { trigger: { timeBeforeExpiry: 'P7D' }, action: { type: 'Notify' } }];
    const kept = (
      await running.raw('PUT', path, { lifetimeActions: both, attributes: { expiryTime: 'P90D' } })
    ).json;
    expect(kept['lifetimeActions']).toEqual(both);
  });

  it('gives the new version an expiry from the policy', async () => {
    const { json } = await running.raw('POST', '/keys/rot/rotate');
    expect(json['attributes']).toMatchObject({ exp: time / 1000 + 7_776_000 });
    expect((await running.raw('GET', '/keys/rot/versions')).json['value']).toHaveLength(2);
  });

  it('is 404 for a missing key, and 400 for two triggers', async () => {
    expect((await running.raw('GET', '/keys/none/rotationpolicy')).json['error']?.['code']).toBe(
      'KeyNotFound',
    );
    expect((await running.raw('POST', '/keys/none/rotate')).status).toBe(404);
    const two = { trigger: { timeAfterCreate: 'P1D', timeBeforeExpiry: 'P1D' }, action: { type: 'Rotate' } };
    expect((await running.raw('PUT', path, { lifetimeActions: [two] })).status).toBe(400);
  });
});

describe('using a key', () => {
  const message = Buffer.from('message');
  const digestOf = (hash: string) => createHash(hash).update(message).digest();

  it.each([
    ['ES256', 'EC', 'P-256', 'sha256'],
    ['ES384', 'EC', 'P-384', 'sha384'],
    ['ES512', 'EC', 'P-521', 'sha512'],
    ['ES256K', 'EC', 'P-256K', 'sha256'],
    ['RS256', 'RSA', undefined, 'sha256'],
    ['RS512', 'RSA', undefined, 'sha512'],
    ['PS256', 'RSA', undefined, 'sha256'],
    ['PS384', 'RSA', undefined, 'sha384'],
  ])('signs with %s what others can verify', async (alg, kty, crv, hash) => {
    const name = `sign-${alg}`;
    await running.control.seed.key('v1', { name, kty: kty as 'RSA', ...(crv === undefined ? {} : { crv }) });
    const digest = digestOf(hash).toString('base64url');
    const { status, json } = await running.raw('POST', `/keys/${name}/sign`, { alg, value: digest });
    expect(status).toBe(200);
    const jwk = running.control.objects('v1').keys.find((key) => key.name === name)?.versions[0]?.jwk ?? {};
    const { d: _, ...open } = jwk;
    const key = createPublicKey({
      key: { kty: open.kty, n: open.n, e: open.e, crv: open.crv, x: open.x, y: open.y } as typeof jwk,
      format: 'jwk',
    });
    const options = {
      key,
      dsaEncoding: 'ieee-p1363' as const,
      ...(alg.startsWith('PS') ? { padding: 6 } : {}),
    };
    expect(verify(hash, message, options, Buffer.from(json['value'] ?? '', 'base64url'))).toBe(true);
    const checked = await running.raw('POST', `/keys/${name}/verify`, { alg, digest, value: json['value'] });
    expect(checked.json).toEqual({ value: true });
    const wrong = Buffer.from(digest, 'base64url');
    wrong[0] = (wrong[0] ?? 0) ^ 1;
    const refused = await running.raw('POST', `/keys/${name}/verify`, {
      alg,
      digest: wrong.toString('base64url'),
      value: json['value'],
    });
    expect(refused.json).toEqual({ value: false });
  });

  it('wraps and unwraps through the SDK, in the vault', async () => {
    const made = await running.keys().createRsaKey('wrapping');
    const credential = {
      getToken: async () => ({ token: await running.token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const client = new CryptographyClient(made.id ?? '', credential, {
      disableChallengeResourceVerification: true,
      tlsOptions: { ca: running.ca },
    });
    const wrapped = await client.wrapKey('RSA-OAEP-256', Buffer.from('secret'));
    const unwrapped = await client.unwrapKey('RSA-OAEP-256', wrapped.result);
    expect(Buffer.from(unwrapped.result).toString()).toBe('secret');
    expect(running.control.count({ operation: 'keys.unwrapKey', status: 200 })).toBe(1);
  });

  it('is refused when the operation is not in key_ops', async () => {
    await running.raw('POST', '/keys/limited/create', { kty: 'RSA', key_ops: ['encrypt'] });
    const answer = await running.raw('POST', '/keys/limited/decrypt', { alg: 'RSA-OAEP', value: 'AAAA' });
    expect(answer.json['error']).toEqual({
      code: 'Forbidden',
      message: 'Operation decrypt is not permitted on this key.',
      innererror: { code: 'KeyOperationForbidden' },
    });
  });
});
