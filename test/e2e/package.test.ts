/** What is deployed: the zip of `npm run package`, unpacked where there is nothing else, backs up and restores. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageApp } from '../../scripts/package.mjs';
import type { E2e } from './harness.ts';
import { backUpNow, source, startRestoreE2e } from './restoreHarness.ts';

const root = path.resolve(import.meta.dirname, '../..');
let folder: string;
let zip: Uint8Array;
let files: Record<string, Uint8Array>;
let e2e: E2e;

beforeAll(async () => {
  zip = await packageApp();
  files = unzipSync(zip);
  folder = mkdtempSync(path.join(tmpdir(), 'package-'));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), bytes);
  }
  e2e = await startRestoreE2e({ standby: {} }, { host: { appDir: folder } });
  const { seed } = e2e.stack.emulator.control;
  seed.secret(source, { name: 'db-password', value: 'one', versions: 2 });
  await seed.key(source, { name: 'signing', kty: 'EC' });
  await seed.certificate(source, { name: 'www', kty: 'EC' });
});
afterAll(async () => {
  await e2e?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('it holds the bundle, the two files that the host reads and the plans, and nothing else', () => {
  const expected = ['dist/main.cjs', 'host.json', 'package.json', 'plans.json'];
  expect(Object.keys(files).toSorted()).toEqual(expected);
  const { main } = JSON.parse(Buffer.from(files['package.json'] ?? []).toString('utf8')) as { main: string };
  expect(Object.keys(files)).toContain(main);
  expect(Buffer.from(files['host.json'] ?? [])).toEqual(readFileSync(path.join(root, 'host.json')));
});

test('the same sources make the same bytes', async () => {
  expect(Buffer.from(await packageApp()).equals(zip)).toBe(true);
});

test('unpacked, it backs up and restores', async () => {
  const runId = await backUpNow(e2e);
  expect(await e2e.waitForPoint(source)).toMatchObject({ runId, status: 'complete', counts: { stored: 3 } });
  expect(await e2e.restore({ vault: source, objects: ['**'], target: 'standby' })).toMatchObject({
    status: 'complete',
    recoveryPoint: runId,
    counts: { restored: 3 },
  });
  const [secret] = e2e.stack.emulator.control.objects('standby').secrets.filter(({ managed }) => !managed);
  expect(secret?.versions).toHaveLength(2);
});
