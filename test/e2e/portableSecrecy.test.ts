/**
 * Values that portable copies read and bring back stay where they belong: nothing of them, plain or encoded, in logs,
 * answers, queue messages, state, audit records, stored copies or temporary files, also when calls that carry them fail,
 * their answers are lost, or a worker is killed while it holds them. Every byte that left the apps for storage is
 * searched, the backups container's too, and whatever lies in the temporary folder that the workers were given.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalHost } from '../host/host.ts';
import type { StorageRequest } from '../local/storageProxy.ts';
import { type PortableE2e, source, startPortableE2e } from './portableHarness.ts';

let e2e: PortableE2e;
let temporary: string;
const marker = 'Hush-7c2e80d5-do-not-tell';
const spoken: string[] = [];
const base64Of = (text: string) =>
  [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + text)
      .toString('base64')
      .slice(shift + 1, -4),
  );
const forbidden = [marker, ...base64Of(marker), 'PRIVATE KEY', ...base64Of('PRIVATE KEY')];

const decodedMessage = (body: Buffer) => {
  const text = /<MessageText>([^<]*)<\/MessageText>/.exec(body.toString('utf8'))?.[1];
  return text ? Buffer.from(text, 'base64').toString('utf8') : '';
};

const abroad = { spec: { geography: 'Asia Pacific', region: 'eastasia' } };
beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'of-the-workers-'));
  e2e = await startPortableE2e(
    { abroad, killed: abroad },
    { versions: 1 },
    {
      env: { TMPDIR: temporary, TEMP: temporary, TMP: temporary, MESSAGE_LEASE_SECONDS: '2' },
      host: { log: (line) => void spoken.push(JSON.stringify(line)) },
    },
  );
  const heard = ({ body }: { body: Buffer }) =>
    void spoken.push(body.toString('latin1'), decodedMessage(body));
  e2e.stack.blobs.before(heard);
  e2e.stack.queues.before(heard);
});
afterAll(async () => {
  await e2e?.stop();
  await rm(temporary, { recursive: true, force: true });
});

/** Everything that lies in storage or in files now, besides what was heard on its way. */
async function hearWhatLies(): Promise<void> {
  for (const container of ['state', 'audit', 'safety', 'backups']) {
    const client = e2e.stack.container(container);
    for await (const { name } of client.listBlobsFlat())
      spoken.push(name, (await client.getBlobClient(name).downloadToBuffer()).toString('latin1'));
  }
  for (const folder of [e2e.stack.folder, tmpdir()])
    for (const entry of await readdir(folder, { withFileTypes: true }))
      if (entry.isFile())
        spoken.push(await readFile(path.join(folder, entry.name), 'latin1').catch(() => ''));
  for (const entry of await readdir(temporary, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) spoken.push(await readFile(path.join(entry.parentPath, entry.name), 'latin1'));
}

const leaks = () =>
  forbidden.flatMap((secret) =>
    spoken.filter((text) => text.includes(secret)).map((text) => `${secret} in ${text.slice(0, 200)}`),
  );

test('no value and no private key is ever told', { timeout: 180_000 }, async () => {
  const { control } = e2e.stack.emulator;
  for (let i = 0; i < 5; i += 1)
    control.seed.secret(source, { name: `quiet-${i}`, value: marker, versions: 2, tags: { team: 'x' } });
  await control.seed.certificate(source, { name: 'mail', kty: 'EC', contentType: 'application/x-pem-file' });
  const fail = (vault: string, operation: string, name: string, when: 'before' | 'after', kind: object) =>
    control.addFault({ vault, operation, name, when, count: 2, kind: kind as { reset: true } });
  fail(source, 'secrets.get', 'quiet-0', 'after', { reset: true });
  fail(source, 'secrets.get', 'quiet-1', 'after', { status: 500, body: 'html' });
  fail(source, 'secrets.get', 'quiet-2', 'after', { status: 200, body: 'truncated' });
  const copies = await e2e.copyNow();
  spoken.push(JSON.stringify(copies));
  fail('abroad', 'secrets.set', 'quiet-0', 'after', { reset: true });
  fail('abroad', 'secrets.set', 'quiet-1', 'before', { status: 400, code: 'BadParameter' });
  fail('abroad', 'secrets.set', 'quiet-2', 'after', { status: 500, body: 'empty' });
  fail('abroad', 'certificates.import', 'mail', 'before', { status: 400, code: 'BadParameter' });
  const request = { vault: source, objects: ['**'], target: 'abroad', mode: 'portable' };
  const detail = await e2e.restore(request);
  spoken.push(JSON.stringify(detail));
  for (const answer of [
    e2e.call('GET', `vaults/${source}/portable-copies/latest`),
    e2e.callPortable('POST', 'portable-copies', { vault: 'nobody' }),
    e2e.callRestore('GET', 'restores'),
  ])
    spoken.push(JSON.stringify((await answer).body));
  await hearWhatLies();

  expect(detail.counts?.['restored']).toBeGreaterThan(1);
  expect(detail.counts?.['failed']).toBeGreaterThan(1);
  expect(spoken.length).toBeGreaterThan(100);
  expect(spoken.some((text) => text.includes('portable.'))).toBe(true);
  expect(leaks()).toEqual([]);
});

/** SIGKILL before this write is forwarded, at the first few of these moments. */
function killAt(host: LocalHost | null, moments: number, isMoment: (request: StorageRequest) => boolean) {
  let kills = 0;
  const stop = e2e.stack.blobs.before(async (request) => {
    if (kills >= moments || request.operation !== 'PutBlob' || !isMoment(request)) return;
    kills += 1;
    await host?.killWorker('SIGKILL');
  });
  return { stop, kills: () => kills };
}

test('nor is anything left behind by workers that are killed while they hold values', {
  timeout: 180_000,
}, async () => {
  const { control } = e2e.stack.emulator;
  control.clearFaults();
  const { secrets } = e2e.operator(source);
  for (let i = 0; i < 5; i += 1) await secrets.setSecret(`quiet-${i}`, `${marker} anew`);
  // The content was read and encrypted, and is on its way to storage.
  const copying = killAt(e2e.stack.portableHost, 2, ({ name }) => name.endsWith('.jwe'));
  const copies = await e2e.copyNow();
  copying.stop();
  expect([copies.copies.status, copying.kills()]).toEqual(['complete', 2]);

  // The copy was opened, and its versions are about to be made: at the turn's second write, and at a later one.
  let turns = 0;
  const isBetweenVersions = ({ name }: StorageRequest) => {
    if (name.includes('/portable/secrets/')) turns += 1;
    return name.includes('/portable/secrets/') && (turns === 2 || turns === 7);
  };
  const restoring = killAt(e2e.stack.restoreHost, 2, isBetweenVersions);
  const detail = await e2e.restore({
    vault: source,
    objects: ['secrets/*'],
    target: 'killed',
    mode: 'portable',
  });
  restoring.stop();
  expect(restoring.kills()).toBe(2);
  const restored = detail.objects.filter(({ outcome }) => outcome === 'restored');
  expect(restored.map(({ object }) => object)).toEqual([0, 1, 2, 3, 4].map((i) => `secrets/quiet-${i}`));

  spoken.push(JSON.stringify([copies, detail]));
  await hearWhatLies();
  expect(leaks()).toEqual([]);
});
