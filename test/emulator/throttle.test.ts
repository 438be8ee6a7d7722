import { describe, expect, it } from 'vitest';
import type { Limits } from './options.ts';
import { type Running, start } from './testing.ts';
import { keyWeight } from './throttle.ts';

async function withLimits(
  limits: Partial<Limits>,
  test: (running: Running, pass: (ms: number) => void) => Promise<void>,
): Promise<void> {
  let time = Date.UTC(2026, 0, 1);
  const running = await start({
    limits,
    now: () => time,
    vaults: [{ name: 'v1', sku: 'premium' }, { name: 'v2' }],
  });
  try {
    await test(running, (ms) => {
      time += ms;
    });
  } finally {
    await running.stop();
  }
}

async function statuses(
  running: Running,
  count: number,
  method: string,
  path: string,
  body?: unknown,
): Promise<number[]> {
  const found = [];
  for (let i = 0; i < count; i += 1) found.push((await running.raw(method, path, body)).status);
  return found;
}

describe('throttling', () => {
  it('answers 429 in the documented shape, without Retry-After, until the window has moved on', async () => {
    await withLimits({ secretOps: 3 }, async (running, pass) => {
      expect(await statuses(running, 4, 'GET', '/secrets')).toEqual([200, 200, 200, 429]);
      const { headers, json, status } = await running.raw('GET', '/certificates');
      expect(status).toBe(429);
      expect(json['error']?.['code']).toBe('Throttled');
      expect(json['error']?.['message']).toContain('Reason: VaultRequestTypeLimitReached');
      expect(json['error']).not.toHaveProperty('innererror');
      expect(headers).not.toHaveProperty('retry-after');
      expect((await running.raw('GET', '/secrets', undefined, { vault: 'v2' })).status).toBe(200);
      expect((await running.raw('GET', '/keys')).status).toBe(200);
      pass(9900);
      expect((await running.raw('GET', '/secrets')).status).toBe(429);
      pass(100);
      expect(await statuses(running, 4, 'GET', '/secrets')).toEqual([200, 200, 200, 429]);
    });
  });

  it('slides: calls count for ten seconds from their own time', async () => {
    await withLimits({ secretOps: 2 }, async (running, pass) => {
      await running.raw('GET', '/secrets');
      pass(6000);
      await running.raw('GET', '/secrets');
      pass(4000);
      expect(await statuses(running, 2, 'GET', '/secrets')).toEqual([200, 429]);
    });
  });

  it('shares one budget among set, import and restore', async () => {
    await withLimits({ createOps: 2 }, async (running) => {
      expect(await statuses(running, 2, 'PUT', '/secrets/s', { value: 'x' })).toEqual([200, 200]);
      for (const path of [
        '/secrets/restore',
        '/keys/restore',
        '/certificates/restore',
        '/certificates/c/import',
      ]) {
        expect(await statuses(running, 1, 'POST', path, { value: 'x' })).toEqual([429]);
      }
    });
  });

  it('weighs key calls by key type', async () => {
    await withLimits({ keyOther: 16 }, async (running, pass) => {
      const { key } = running.control.seed;
      await key('v1', { name: 'ec', kty: 'EC' });
      await key('v1', { name: 'rsa3072', size: 3072 });
      await key('v1', { name: 'ec-hsm', kty: 'EC-HSM' });
      const served = async (name: string): Promise<number> => {
        pass(10_000);
        const found = await statuses(running, 17, 'POST', `/keys/${name}/backup`);
        return found.filter((status) => status === 200).length;
      };
      expect([await served('ec'), await served('ec-hsm'), await served('rsa3072')]).toEqual([16, 8, 4]);
    });
  });

  it('knows the documented weights', () => {
    expect(
      ['RSA', 'RSA-HSM'].flatMap((kty) => [2048, 3072, 4096].map((bits) => keyWeight('keyOther', kty, bits))),
    ).toEqual([1, 4, 8, 2, 8, 16]);
    expect([keyWeight('keyCreate', 'RSA', 4096), keyWeight('keyCreate', 'RSA-HSM', 2048)]).toEqual([1, 2]);
  });

  it('limits key creation by default to 20 in ten seconds', async () => {
    await withLimits({}, async (running) => {
      const found = await statuses(running, 21, 'POST', '/keys/k/create', { kty: 'EC' });
      expect(found.filter((status) => status === 200)).toHaveLength(20);
      expect(found.at(-1)).toBe(429);
    });
  });

  it('can be switched off', async () => {
    const running = await start({ throttling: false, limits: { secretOps: 1 } });
    expect(await statuses(running, 3, 'GET', '/secrets')).toEqual([200, 200, 200]);
    await running.stop();
  });
});
