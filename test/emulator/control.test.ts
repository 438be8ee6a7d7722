import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { VaultObjects } from './objects.ts';
import { type Running, start } from './testing.ts';

let running: Running;
beforeAll(async () => {
  running = await start({ vaults: [{ name: 'v1' }, { name: 'v2' }] });
});
afterAll(() => running.stop());
beforeEach(() => running.control.resetCounters());

const admin = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${running.adminUrl}${path}`, init);
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return JSON.parse(text) as T;
};

describe('the counters', () => {
  it('count by vault, operation, identity and status, with probes apart', async () => {
    const client = running.secrets('v1');
    await client.setSecret('a', 'x');
    await client.getSecret('a');
    await client.backupSecret('a');
    await expect(client.getSecret('missing')).rejects.toMatchObject({ statusCode: 404 });
    const { rows, totals } = running.control.counters();
    expect(rows).toContainEqual({
      vault: 'v1',
      operation: 'secrets.backup',
      identity: 'admin',
      status: 200,
      count: 1,
    });
    expect(totals).toEqual({ calls: 4, probes: 1, writes: 1 });
    const { count, writes } = running.control;
    expect([
      count({ operation: 'secrets.get' }),
      count({ status: 404 }),
      count({ vault: 'v2' }),
      count(),
    ]).toEqual([2, 1, 0, 5]);
    expect([writes('v1'), writes('v2')]).toEqual([1, 0]);
    expect(running.control.timeline('v1').map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'probe 401',
      'secrets.set 200',
      'secrets.get 200',
      'secrets.backup 200',
      'secrets.get 404',
    ]);
  });
});

describe('a request listener', () => {
  it('is awaited between authorization and the operation', async () => {
    running.control.seed.secret('v1', { name: 'between', value: 'x' });
    const seen: string[] = [];
    const stop = running.control.onRequest(async ({ vault, operation, name, identity }) => {
      seen.push(`${vault} ${operation} ${name} ${identity}`);
      if (operation !== 'secrets.backup') return;
      await running.raw('DELETE', '/secrets/between');
    });
    const answer = await running.raw('POST', '/secrets/between/backup');
    stop();
    expect(answer.status).toBe(404);
    expect(seen[0]).toBe('v1 secrets.backup between admin');
    await running.raw('GET', '/secrets');
    expect(seen).toHaveLength(2);
  });
});

describe('a reply listener', () => {
  it('sees what an operation answered, before a fault replaces it', async () => {
    running.control.seed.secret('v1', { name: 'heard', value: 'x' });
    const heard: string[] = [];
    const stop = running.control.onReply(({ operation, name }, { status }) => {
      heard.push(`${operation} ${name} ${status}`);
    });
    running.control.addFault({ operation: 'secrets.get', when: 'after', count: 1, kind: { status: 500 } });
    expect((await running.raw('GET', '/secrets/heard/')).status).toBe(500);
    stop();
    await running.raw('GET', '/secrets/heard/');
    expect(heard).toEqual(['secrets.get heard 200']);
  });
});

describe('the admin endpoint', () => {
  it('offers the control over HTTP', async () => {
    await admin('POST', '/seed/v2/secret', { name: 'seeded', value: 'x', versions: 2 });
    await admin('POST', '/seed/v2/many', { count: 3, prefix: 'm' });
    await admin('POST', '/seed/v2/certificate', { name: 'cert' });
    const objects = await admin<VaultObjects>('GET', '/objects/v2');
    expect(objects.secrets.map(({ name, managed }) => [name, managed])).toEqual([
      ['cert', true],
      ['m0', false],
      ['m1', false],
      ['m2', false],
      ['seeded', false],
    ]);
    expect(objects.certificates[0]?.policy.issuer.name).toBe('Self');
    const get = () => running.raw('GET', '/secrets/seeded/', undefined, { vault: 'v2' });
    const { id } = await admin<{ id: string }>('POST', '/faults', { vault: 'v2', kind: { status: 429 } });
    expect((await get()).status).toBe(429);
    await admin('DELETE', `/faults/${id}`);
    expect((await get()).status).toBe(200);
    expect((await admin<{ totals: object }>('GET', '/counters')).totals).toEqual({
      calls: 2,
      probes: 0,
      writes: 0,
    });
    await admin('POST', '/counters/reset');
    expect((await admin<{ rows: object[] }>('GET', '/counters')).rows).toEqual([]);
    await admin('PUT', '/vaults/v2', { network: 'firewall', region: 'uksouth' });
    const walled = await get();
    expect([walled.status, walled.headers['x-ms-keyvault-region']]).toEqual([403, 'uksouth']);
    await admin('PUT', '/vaults/v2', { network: 'open' });
    await admin('PUT', '/identities/admin/grants', {});
    expect((await get()).status).toBe(403);
    await admin('PUT', '/identities/admin/grants', { '*': ['*'] });
    await expect(admin('GET', '/nonsense')).rejects.toThrow('has no GET /nonsense');
  });
});

describe('seeding', () => {
  it('gives versions, attributes and times without HTTP, and refuses a taken name', async () => {
    const { seed, objects, counters } = running.control;
    seed.secret('v1', {
      name: 'full',
      value: 'v',
      versions: 2,
      enabled: false,
      created: 10,
      updated: 20,
      tags: { a: 'b' },
    });
    const full = objects('v1').secrets.find(({ name }) => name === 'full');
    expect(full?.versions.map(({ value }) => value)).toEqual(['v-v1', 'v']);
    expect(full).toMatchObject({ state: 'live', managed: false });
    expect(full?.versions[1]).toMatchObject({ enabled: false, created: 10, updated: 20, tags: { a: 'b' } });
    expect(() => seed.secret('v1', { name: 'FULL', value: 'x' })).toThrow('exists');
    await seed.key('v1', { name: 'k', kty: 'EC', crv: 'P-384' });
    expect(objects('v1').keys.find(({ name }) => name === 'k')?.versions[0]?.jwk.crv).toBe('P-384');
    expect(counters().rows).toEqual([]);
    expect(() => objects('nowhere')).toThrow('no vault nowhere');
  });

  it('is quick for many, and so is listing them', async () => {
    const other = await start();
    other.control.seed.many('v1', 10_000, (index) => `bulk-${index}`);
    const names = new Set<string>();
    for await (const { name } of other.secrets().listPropertiesOfSecrets()) names.add(name);
    expect(names.size).toBe(10_000);
    expect(other.control.count({ operation: 'secrets.list' })).toBe(401);
    await other.stop();
  });
});
