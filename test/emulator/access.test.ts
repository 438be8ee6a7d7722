import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allOperations } from './operations/all.ts';
import { type Raw, type Running, start } from './testing.ts';

let running: Running;
let time = Date.UTC(2026, 0, 1);
const backupRole = [
  'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  'Microsoft.KeyVault/vaults/secrets/backup/action',
];
beforeAll(async () => {
  running = await start({
    now: () => time,
    tokenLifetimeSeconds: 3600,
    vaults: [
      { name: 'v1' },
      { name: 'policy', authorization: 'accessPolicy', region: 'francecentral' },
      { name: 'third' },
    ],
    identities: [
      { name: 'backup', clientId: 'backup-id', grants: { v1: backupRole, policy: backupRole } },
      { name: 'admin', clientId: 'admin-id', grants: { '*': ['*'] } },
      { name: 'nobody', clientId: 'nobody-id', grants: {} },
      { name: 'wild', clientId: 'wild-id', grants: { v1: ['microsoft.keyvault/vaults/keys/*'] } },
    ],
  });
  running.control.seed.secret('v1', { name: 'S1', value: 'x' });
});
afterAll(() => running.stop());

const messageOf = ({ json }: Raw): string => json['error']?.['message'] ?? '';
const innererrorOf = ({ json }: Raw): unknown => json['error']?.['innererror']?.['code'];

describe('the identity endpoint', () => {
  const ask = async (query: Record<string, string>, header?: string): Promise<Response> => {
    const all = new URLSearchParams({
      'api-version': '2019-08-01',
      resource: 'https://vault.azure.net',
      ...query,
    });
    const headers: Record<string, string> = header === undefined ? {} : { 'X-IDENTITY-HEADER': header };
    return fetch(`${running.identityEndpoint}?${all.toString()}`, { headers });
  };

  it('issues a token of the default identity, in the shape of App Service', async () => {
    const answer = await ask({}, running.identityHeader);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      client_id: 'backup-id',
      expires_on: String(time / 1000 + 3600),
      resource: 'https://vault.azure.net',
      token_type: 'Bearer',
    });
  });

  it.each([
    [401, {}, undefined],
    [403, {}, 'wrong'],
    [400, { client_id: 'unknown' }, 'right'],
    [400, { 'api-version': '2017-09-01' }, 'right'],
    [400, { resource: '' }, 'right'],
  ])('answers %s to %o with the header %s', async (status, query, header) => {
    expect((await ask(query, header === 'right' ? running.identityHeader : header)).status).toBe(status);
  });
});

describe('a token', () => {
  it('of another audience is refused', async () => {
    const token = await running.token('admin-id', 'https://storage.azure.com');
    const answer = await running.raw('GET', '/secrets', undefined, { token });
    expect(answer.status).toBe(401);
    expect(messageOf(answer)).toContain('AKV10022');
    expect(answer.headers['www-authenticate']).toContain('resource="https://vault.azure.net"');
  });

  it('with a foreign signature is refused', async () => {
    const token = await running.token('admin-id');
    const [header = '', claims = ''] = token.split('.');
    for (const forged of [
      `${header}.${claims}.AAAA`,
      'nonsense',
      `${header}.${claims}x.${token.split('.')[2]}`,
    ]) {
      expect((await running.raw('GET', '/secrets', undefined, { token: forged })).status).toBe(401);
    }
  });

  it('expires by its lifetime, and all at once on request', async () => {
    const token = await running.token('admin-id');
    time += 3_599_000;
    expect((await running.raw('GET', '/secrets', undefined, { token })).status).toBe(200);
    time += 1000;
    const expired = await running.raw('GET', '/secrets', undefined, { token });
    expect(expired.status).toBe(401);
    expect(messageOf(expired)).toMatch(/^AKV10000: \[TokenExpired\]/);
    const fresh = await running.token('admin-id');
    running.control.expireTokens();
    expect((await running.raw('GET', '/secrets', undefined, { token: fresh })).status).toBe(401);
    const newer = await running.token('admin-id');
    expect((await running.raw('GET', '/secrets', undefined, { token: newer })).status).toBe(200);
  });
});

describe('permissions', () => {
  it('allow what is granted and refuse the rest in the words of RBAC', async () => {
    expect((await running.raw('GET', '/secrets')).status).toBe(200);
    expect((await running.raw('POST', '/secrets/S1/backup')).status).toBe(200);
    const refused = await running.raw('GET', '/secrets/S1/');
    expect([refused.status, innererrorOf(refused)]).toEqual([403, 'ForbiddenByRbac']);
    expect(refused.headers).toHaveProperty('x-ms-keyvault-rbac-assignment-id');
    const lines = messageOf(refused).split('\r\n');
    expect(lines[0]).toBe('Caller is not authorized to perform action on resource.');
    expect(lines).toContain("Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'");
    expect(lines.find((line) => line.startsWith('Resource:'))).toMatch(/\/vaults\/v1\/secrets\/s1'$/);
    expect(lines).toContain('Assignment: (not found)');
    expect(lines).toContain('Vault: v1;location=westeurope');
    const list = await running.raw('GET', '/keys');
    expect(messageOf(list)).toMatch(/Resource: '[^']*\/vaults\/v1'/);
  });

  it('refuse in the words of an access policy', async () => {
    const refused = await running.raw('POST', '/secrets/restore', { value: 'x' }, { vault: 'policy' });
    expect([refused.status, innererrorOf(refused)]).toEqual([403, 'ForbiddenByPolicy']);
    expect(messageOf(refused)).toContain(
      "does not have secrets restore permission on key vault 'policy;location=francecentral'",
    );
    expect(messageOf(refused)).toContain('linkid=2125287');
  });

  it('hold per vault, take wildcards without regard to case, and can be changed', async () => {
    expect((await running.raw('GET', '/secrets', undefined, { vault: 'third' })).status).toBe(403);
    const token = await running.token('wild-id');
    expect((await running.raw('GET', '/keys', undefined, { token })).status).toBe(200);
    expect((await running.raw('GET', '/secrets', undefined, { token })).status).toBe(403);
    running.control.setGrants('wild', { '*': ['Microsoft.KeyVault/vaults/secrets/readMetadata/action'] });
    expect((await running.raw('GET', '/keys', undefined, { token })).status).toBe(403);
    expect((await running.raw('GET', '/secrets', undefined, { token })).status).toBe(200);
  });

  it('guard every operation', async () => {
    const token = await running.token('nobody-id');
    for (const { name, method, path } of allOperations) {
      const filled = path.replace('{name}', 'x').replace('{version}', 'y');
      const answer = await running.raw(method, `/${filled}`, undefined, { token });
      expect([name, answer.status]).toEqual([name, 403]);
    }
    expect(allOperations.length).toBeGreaterThan(60);
  });
});

describe('the network', () => {
  beforeEach(() => running.control.setNetwork('v1', 'open'));

  it.each([
    ['firewall', 'ForbiddenByFirewall', 'Client address is not authorized'],
    ['privateLink', 'ForbiddenByConnection', 'Public network access is disabled'],
  ] as const)('set to %s answers %s after authentication', async (network, code, text) => {
    running.control.setNetwork('v1', network);
    const answer = await running.raw('GET', '/secrets');
    expect([answer.status, innererrorOf(answer)]).toEqual([403, code]);
    expect(messageOf(answer)).toContain(text);
    expect((await running.raw('GET', '/secrets', undefined, { token: null })).status).toBe(401);
    running.control.setNetwork('v1', 'open');
    expect((await running.raw('GET', '/secrets')).status).toBe(200);
  });
});
