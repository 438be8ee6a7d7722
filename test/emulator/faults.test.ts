import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import { type Running, start } from './testing.ts';

let running: Running;
beforeAll(async () => {
  running = await start({ vaults: [{ name: 'v1' }, { name: 'v2' }] });
  running.control.seed.many('v1', 60, (index) => `s${index}`);
});
afterAll(() => running.stop());
beforeEach(() => {
  running.control.clearFaults();
  running.control.resetCounters();
  running.control.setReachable('v1', true);
});

const add = (fault: Fault): string => running.control.addFault(fault);
const get = () => running.raw('GET', '/secrets/s1/');

describe('a status fault', () => {
  it('has the shape asked for', async () => {
    add({ kind: { status: 503, retryAfterSeconds: 7, message: 'busy', innererror: 'Inner' } });
    const answer = await get();
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '7']);
    expect(answer.json['error']).toEqual({
      code: 'ServiceUnavailable',
      message: 'busy',
      innererror: { code: 'Inner' },
    });
  });

  it.each([
    ['empty', ''],
    ['null', 'null'],
    ['html', expect.stringMatching(/^<html>/)],
    ['truncated', expect.stringMatching(/^\{"error":[^}]*$/)],
  ] as const)('can have the body %s', async (body, text) => {
    add({ kind: { status: 500, body } });
    const answer = await get();
    expect([answer.status, answer.text]).toEqual([500, text]);
  });

  it('hits count calls after skip, only its operation, vault and name', async () => {
    const id = add({
      vault: 'v1',
      operation: 'secrets.get',
      name: 'S1',
      skip: 1,
      count: 2,
      kind: { status: 500 },
    });
    const statuses = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await get()).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
    expect(running.control.faultHits(id)).toBe(2);
    add({ vault: 'v2', kind: { status: 500 } });
    add({ operation: 'secrets.list', kind: { status: 500 } });
    add({ name: 'other', kind: { status: 500 } });
    expect((await get()).status).toBe(200);
  });

  it('hits probes unless it names another operation', async () => {
    const probe = () => running.raw('GET', '/secrets/s1/', undefined, { token: null });
    const id = add({ operation: 'secrets.get', kind: { status: 500 } });
    expect((await probe()).status).toBe(401);
    running.control.removeFault(id);
    expect((await get()).status).toBe(200);
    add({ kind: { status: 500 } });
    expect((await probe()).status).toBe(500);
    running.control.clearFaults();
    add({ operation: 'probe', kind: { status: 500 } });
    expect([(await probe()).status, (await get()).status]).toEqual([500, 200]);
  });

  it('comes before or after the operation is carried out', async () => {
    const set = (name: string) => running.raw('PUT', `/secrets/${name}`, { value: 'x' }, { vault: 'v2' });
    add({ operation: 'secrets.set', name: 'never', kind: { status: 500 } });
    add({ operation: 'secrets.set', name: 'lost', when: 'after', kind: { status: 500 } });
    expect([(await set('never')).status, (await set('lost')).status]).toEqual([500, 500]);
    expect(running.control.objects('v2').secrets.map(({ name }) => name)).toEqual(['lost']);
  });
});

describe('a broken connection', () => {
  it('is reset before or after the operation', async () => {
    add({ operation: 'secrets.set', name: 'cut', when: 'after', kind: { reset: true } });
    await expect(running.raw('PUT', '/secrets/cut', { value: 'x' }, { vault: 'v2' })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(running.control.objects('v2').secrets.some(({ name }) => name === 'cut')).toBe(true);
    expect(running.control.count({ operation: 'secrets.set', status: 0 })).toBe(1);
  });

  it('is what an unreachable vault has for everybody, open connections too', async () => {
    expect((await get()).status).toBe(200);
    running.control.setReachable('v1', false);
    await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(running.raw('GET', '/secrets', undefined, { token: null })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect((await running.raw('GET', '/secrets', undefined, { vault: 'v2' })).status).toBe(200);
    running.control.setReachable('v1', true);
    expect((await get()).status).toBe(200);
  });

  it('is what an expired certificate makes of every new one, until a valid one is shown', async () => {
    expect((await get()).status).toBe(200);
    running.control.showCertificate('v1', 'expired');
    await expect(get()).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
    await expect(get()).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
    running.control.showCertificate('v1', 'valid');
    expect((await get()).status).toBe(200);
  });

  it('hangs until the client gives up', async () => {
    add({ operation: 'secrets.get', kind: { hang: true } });
    const client = running.secrets('v1');
    await expect(client.getSecret('s1', { abortSignal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('does not keep the emulator from stopping', async () => {
    const other = await start();
    other.control.addFault({ kind: { hang: true } });
    const waiting = other.raw('GET', '/secrets').catch((error: unknown) => error);
    await expect.poll(() => other.control.count({ status: 0 })).toBe(1);
    await other.stop();
    expect(await waiting).toBeInstanceOf(Error);
  });
});

describe('a slow answer', () => {
  it('comes late, delays adding up, or trickles', async () => {
    add({ operation: 'secrets.get', count: 1, kind: { delayMs: 60 } });
    add({ count: 1, kind: { delayMs: 60 } });
    let begun = performance.now();
    expect((await get()).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(115);
    add({ kind: { slowBodyMs: 100 } });
    begun = performance.now();
    const slow = await get();
    expect([slow.status, slow.json['value']]).toEqual([200, 'value 1']);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(90);
  });

  it('is every answer of an emulator with latency', async () => {
    const other = await start({ latencyMs: 50 });
    const begun = performance.now();
    await other.raw('GET', '/secrets');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(45);
    await other.stop();
  });
});

describe('a wrong answer', () => {
  it('repeats a page or loses its link', async () => {
    add({ operation: 'secrets.list', count: 1, kind: { repeatPage: true } });
    const first = (await running.raw('GET', '/secrets')).json;
    const url = running.vaults[0]?.url ?? '';
    const again = await running.raw('GET', String(first['nextLink']).slice(url.length), undefined, {
      version: null,
    });
    expect(again.json['value']).toEqual(first['value']);
    running.control.clearFaults();
    add({ operation: 'secrets.list', kind: { dropNextLink: true } });
    const names = [];
    for await (const { name } of running.secrets('v1').listPropertiesOfSecrets()) names.push(name);
    expect(names).toHaveLength(25);
  });

  it('corrupts a blob so that no vault restores it', async () => {
    add({ operation: 'secrets.backup', kind: { corruptBlob: true } });
    const blob = await running.secrets('v1').backupSecret('s2');
    const restoring = running.secrets('v2').restoreSecretBackup(blob ?? new Uint8Array());
    await expect(restoring).rejects.toMatchObject({ statusCode: 400, code: 'Malformed backup blob' });
  });
});
