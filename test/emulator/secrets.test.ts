import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, type Running, start } from './testing.ts';

let running: Running;
let time = Date.UTC(2026, 0, 1);
beforeAll(async () => {
  running = await start({ now: () => time });
});
afterAll(() => running.stop());

async function set(name: string, body: object): Promise<Json> {
  const answer = await running.raw('PUT', `/secrets/${name}`, body);
  expect(answer.status).toBe(200);
  return answer.json;
}

const versionOf = (bundle: Json | undefined): string => (bundle?.['id'] ?? '').split('/').at(-1) ?? '';

describe('a secret', () => {
  it('gets a new version with every set, and the latest set is the current one', async () => {
    const ids = [];
    for (const value of ['one', 'two', 'three']) ids.push(versionOf(await set('thrice', { value })));
    expect(new Set(ids).size).toBe(3);
    const current = (await running.raw('GET', '/secrets/thrice/')).json;
    expect(current['value']).toBe('three');
    expect(versionOf(current)).toBe(ids[2]);
    const listed = (await running.raw('GET', '/secrets/thrice/versions')).json['value'] ?? [];
    expect(listed.map(versionOf)).toEqual([...ids].sort());
    expect(new Set(listed.map((item) => item['attributes']?.['created'])).size).toBe(1);
    expect((await running.raw('GET', `/secrets/thrice/${ids[0]}`)).json['value']).toBe('one');
  });

  it('omits what was never set, and keeps empty values and empty tags', async () => {
    const bundle = await set('plain', { value: '', tags: {} });
    expect(bundle).toEqual({
      value: '',
      id: expect.stringMatching(/\/secrets\/plain\/[0-9a-f]{32}$/),
      attributes: {
        enabled: true,
        created: time / 1000,
        updated: time / 1000,
        recoveryLevel: 'Recoverable+Purgeable',
        recoverableDays: 90,
      },
      tags: {},
    });
  });

  it('merges attributes and replaces tags on update, and never returns the value', async () => {
    const nbf = 2_524_611_661;
    await set('patched', { value: 'x', contentType: 'text', tags: { a: '1', b: '2' }, attributes: { nbf } });
    time += 5000;
    const patch = { attributes: { enabled: false }, tags: { c: '3' } };
    const { json } = await running.raw('PATCH', '/secrets/patched/', patch);
    expect(json).not.toHaveProperty('value');
    expect(json['contentType']).toBe('text');
    expect(json['tags']).toEqual({ c: '3' });
    expect(json['attributes']).toMatchObject({
      enabled: false,
      nbf,
      created: time / 1000 - 5,
      updated: time / 1000,
    });
    expect(versionOf(json)).toHaveLength(32);
  });

  it('is unreadable but listed while disabled', async () => {
    const made = await set('off', { value: 'x', attributes: { enabled: false } });
    expect(made['value']).toBe('x');
    const got = await running.raw('GET', '/secrets/off/');
    expect(got.status).toBe(403);
    expect(got.json['error']).toEqual({
      code: 'Forbidden',
      message: 'Operation get is not allowed on a disabled secret.',
      innererror: { code: 'SecretDisabled' },
    });
  });

  it('keeps the case of its name and compares without it', async () => {
    await set('CamelCase', { value: 'x' });
    const { json } = await running.raw('GET', '/secrets/camelcase/');
    expect(json['id']).toContain('/secrets/CamelCase/');
  });

  it('is reported missing by name and version', async () => {
    const answer = await running.raw('GET', '/secrets/absent/0123');
    expect(answer.status).toBe(404);
    expect(answer.json['error']?.['code']).toBe('SecretNotFound');
    expect(answer.json['error']?.['message']).toContain('A secret with (name/id) absent/0123 was not found');
  });

  it('has the documented limits', async () => {
    const tooLong = await running.raw('PUT', '/secrets/long', { value: 'x'.repeat(25_601) });
    expect(tooLong.json['error']).toEqual({
      code: 'BadParameter',
      message: 'Secret is beyond the maximum permitted length of 25600 characters.',
      innererror: { code: 'SecretTooLarge' },
    });
    await set('long', { value: 'x'.repeat(25_600) });
    const tags = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, '']));
    await set('tagged', { value: 'x', tags: tags(15) });
    for (const body of [
      { value: 'x', tags: tags(16) },
      { value: 'x', tags: { t: 'v'.repeat(513) } },
      { value: 'x', contentType: 'c'.repeat(256) },
    ]) {
      expect((await running.raw('PUT', '/secrets/tagged', body)).status).toBe(400);
    }
  });

  it('refuses a transformation to PEM', async () => {
    await set('nopem', { value: 'x' });
    const answer = await running.raw('GET', '/secrets/nopem/?outContentType=application/x-pem-file');
    expect(answer.status).toBe(400);
    expect(answer.json['error']?.['message']).toContain(
      "The 'Unsupported' to 'PEM' transformation is not supported.",
    );
  });
});

describe('the SDK client', () => {
  it('sets, gets, updates and lists', async () => {
    const client = running.secrets();
    const made = await client.setSecret('sdk', 'value', { tags: { a: 'b' }, contentType: 'text/plain' });
    const version = made.properties.version ?? '';
    await client.updateSecretProperties('sdk', version, { enabled: true, tags: { c: 'd' } });
    const got = await client.getSecret('sdk');
    expect(got.value).toBe('value');
    expect(got.properties).toMatchObject({ version, tags: { c: 'd' }, contentType: 'text/plain' });
    expect(got.properties.managed).toBeUndefined();
    const names = [];
    for await (const { name } of client.listPropertiesOfSecrets()) names.push(name);
    expect(names).toContain('sdk');
  });
});
