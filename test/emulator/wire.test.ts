import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, start } from './testing.ts';

let running: Running;
beforeAll(async () => {
  running = await start({
    vaults: [
      { name: 'v1', region: 'northeurope' },
      { name: 'policy', authorization: 'accessPolicy' },
    ],
  });
});
afterAll(() => running.stop());

describe('an unauthenticated call', () => {
  it.each(['GET /secrets', 'PUT /secrets/', 'GET /nothing/here', 'POST /keys/restore'])(
    'gets the exact challenge, whatever its path: %s',
    async (line) => {
      const [method = '', path = ''] = line.split(' ');
      const answer = await running.raw(method, path, undefined, { token: null, version: null });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(
        /^Bearer authorization="https:\/\/login\.microsoftonline\.com\/[0-9a-f-]{36}", resource="https:\/\/vault\.azure\.net"$/,
      );
      expect(answer.json['error']?.['code']).toBe('Unauthorized');
      expect(answer.json['error']?.['message']).toContain('AKV10000');
      expect(answer.json['error']).not.toHaveProperty('innererror');
      expect(answer.headers['x-ms-keyvault-region']).toBe('northeurope');
      expect(answer.headers).not.toHaveProperty('x-ms-keyvault-rbac-assignment-id');
    },
  );
});

describe('every answer', () => {
  it('carries the recorded headers and an exact length', async () => {
    const answer = await running.raw('GET', '/secrets', undefined, {
      headers: { 'x-ms-client-request-id': 'mine' },
    });
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'strict-transport-security': 'max-age=31536000;includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-ms-keyvault-region': 'northeurope',
      'x-ms-client-request-id': 'mine',
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(answer.text)),
      'x-ms-keyvault-service-version': expect.stringMatching(/^1\.9\.\d+\.1$/),
      'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;',
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-ms-keyvault-rbac-assignment-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      date: expect.stringMatching(/GMT$/),
    });
    expect(answer.headers).not.toHaveProperty('transfer-encoding');
  });

  it('has the role header only on RBAC vaults, and no client request id of its own', async () => {
    const answer = await running.raw('GET', '/secrets', undefined, { vault: 'policy' });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('x-ms-keyvault-rbac-assignment-id');
    expect(answer.headers).not.toHaveProperty('x-ms-client-request-id');
  });
});

describe('routing', () => {
  it.each([
    ['PUT', '/secrets/'],
    ['POST', '/certificates//create'],
    ['PUT', '/certificates/issuers/'],
    ['GET', '/nothing'],
  ])('answers 405 to %s %s', async (method, path) => {
    const answer = await running.raw(method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers).not.toHaveProperty('x-ms-keyvault-rbac-assignment-id');
    expect(answer.headers).not.toHaveProperty('allow');
    const message = `HTTP ${method} not allowed`;
    expect(answer.json['error']).toEqual({ code: 'MethodNotAllowed', message });
  });

  it.each(['HEAD', 'OPTIONS'])('answers 405 to %s', async (method) => {
    expect((await running.raw(method, '/secrets')).status).toBe(405);
  });

  it('takes a percent-encoded query name', async () => {
    const answer = await running.raw('GET', '/secrets?api%2Dversion=2026-04-01', undefined, {
      version: null,
    });
    expect(answer.status).toBe(200);
  });

  it.each([
    [null, 'must be specified'],
    ['6.9', 'version (6.9) is not recognized'],
    ['2024-01-01', 'version (2024-01-01) is not recognized'],
  ])('refuses api-version %s', async (version, text) => {
    const answer = await running.raw('GET', '/secrets', undefined, { version });
    expect(answer.status).toBe(400);
    expect(answer.json['error']?.['code']).toBe('BadParameter');
    expect(answer.json['error']?.['message']).toContain(text);
  });

  it.each(['7.0', '7.4', '7.6', '2025-06-01-preview', '2025-07-01', '2026-03-01-preview', '2026-04-01'])(
    'serves api-version %s',
    async (version) => {
      expect((await running.raw('GET', '/keys', undefined, { version })).status).toBe(200);
    },
  );

  it('refuses a name outside the alphabet', async () => {
    const answer = await running.raw('GET', '/secrets/under_score/');
    expect(answer.status).toBe(400);
    expect(answer.json['error']?.['message']).toBe('The request URI contains an invalid name: under_score');
    expect((await running.raw('GET', `/secrets/${'a'.repeat(128)}/`)).status).toBe(400);
  });

  it.each(['not json', '[]', '{"value":1}', '{}'])('refuses the body %s', async (body) => {
    const answer = await running.raw('PUT', '/secrets/s', body);
    expect(answer.status).toBe(400);
    expect(answer.json['error']).toEqual({
      code: 'BadParameter',
      message: 'Property  has invalid value\r\n',
    });
  });
});

describe('TLS', () => {
  it('is trusted by nobody who does not have the CA', async () => {
    const url = running.vaults[0]?.url ?? '';
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect(url).toMatch(/^https:\/\/localhost:\d+$/);
  });
});
