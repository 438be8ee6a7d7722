/**
 * Secret values and blob bytes stay where they belong: nothing of them in logs, answers, queue messages, state, audit
 * records or temporary files of a backup, a restore and their failures. Every byte that left the app is searched.
 */
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { E2e } from './harness.ts';
import { backUpNow, source, startRestoreE2e } from './restoreHarness.ts';

let e2e: E2e;
const marker = 'Hush-4f1d9b7e-do-not-tell';
const spoken: string[] = [];

/** The value, plain and encoded at each of base64's offsets; and how every blob of Key Vault begins. */
const base64Of = (text: string) =>
  [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + text)
      .toString('base64')
      .slice(shift + 1, -4),
  );
const forbidden = [
  marker,
  ...base64Of(marker),
  'AzureKeyVaultSecretBackup',
  'AzureKeyVaultKeyBackup',
  ...base64Of('AzureKeyVaultSecretBackupV1'),
];

beforeAll(async () => {
  e2e = await startRestoreE2e(
    { standby: { allowReplace: true } },
    { host: { log: (line) => void spoken.push(JSON.stringify(line)) } },
  );
  const heard = ({ kind, container, body }: { kind: string; container: string; body: Buffer }) => {
    // Blobs belong into the two containers that are made for them; everything else that is sent is searched.
    if (kind === 'queue' || (container !== 'backups' && container !== 'safety'))
      spoken.push(body.toString('latin1'), decodedMessage(body));
  };
  e2e.stack.blobs.before(heard);
  e2e.stack.queues.before(heard);
});
afterAll(() => e2e?.stop());

const decodedMessage = (body: Buffer) => {
  const text = /<MessageText>([^<]*)<\/MessageText>/.exec(body.toString('utf8'))?.[1];
  return text ? Buffer.from(text, 'base64').toString('utf8') : '';
};

async function call(run: () => Promise<{ body: unknown }>): Promise<void> {
  spoken.push(JSON.stringify((await run()).body));
}

test('no secret value and no blob byte is ever told', { timeout: 180_000 }, async () => {
  const { control } = e2e.stack.emulator;
  for (let i = 0; i < 4; i += 1)
    control.seed.secret(source, {
      name: `quiet-${i}`,
      value: marker,
      contentType: 'text/plain',
      tags: { team: 'x' },
    });
  await control.seed.key(source, { name: 'signing' });
  control.addFault({
    vault: source,
    operation: 'secrets.backup',
    name: 'quiet-3',
    count: 2,
    when: 'after',
    kind: { reset: true },
  });
  const runId = await backUpNow(e2e);
  await e2e.operator('standby').secrets.setSecret('quiet-0', `${marker} of the target`);
  control.addFault({
    vault: 'standby',
    operation: 'secrets.restore',
    name: 'quiet-1',
    count: 1,
    kind: { status: 500, body: 'html' },
  });
  control.addFault({
    vault: 'standby',
    operation: 'keys.restore',
    kind: { status: 400, code: 'Malformed backup blob' },
  });
  const detail = await e2e.restore({
    vault: source,
    objects: ['**'],
    target: 'standby',
    onConflict: 'replace',
  });
  spoken.push(JSON.stringify(detail));
  for (const route of [
    `backups/${source}/${runId}`,
    'vaults',
    `vaults/${source}/recovery-points/latest/objects`,
  ])
    await call(() => e2e.call('GET', route));
  await call(() => e2e.callRestore('GET', 'restores'));
  await call(() => e2e.callRestore('POST', 'restores', '{"vault":'));

  for (const container of ['state', 'audit']) {
    const client = e2e.stack.container(container);
    for await (const { name } of client.listBlobsFlat())
      spoken.push(name, (await client.getBlobClient(name).downloadToBuffer()).toString('latin1'));
  }
  for (const folder of [e2e.stack.folder, tmpdir()]) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isFile())
        spoken.push(await readFile(path.join(folder, entry.name), 'latin1').catch(() => ''));
    }
  }
  expect(spoken.length).toBeGreaterThan(100);
  expect(spoken.some((text) => text.includes('run.sealed'))).toBe(true);
  const leaks = forbidden.flatMap((secret) =>
    spoken.filter((text) => text.includes(secret)).map((text) => `${secret} in ${text.slice(0, 200)}`),
  );
  expect(leaks).toEqual([]);
});
