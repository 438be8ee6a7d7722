/** The Azurite that other tests start: both services answer, keep what they should, and leave nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AzuriteOptions, startAzurite } from './azurite.ts';

let scratch: string;
const undo: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'azurite-test-'));
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  vi.unstubAllEnvs();
  await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
});

async function start(options?: AzuriteOptions) {
  const azurite = await startAzurite(options);
  undo.push(() => azurite.stop());
  return azurite;
}

async function freePort(): Promise<number> {
  const azurite = await startAzurite();
  await azurite.stop();
  return Number(new URL(azurite.blobUrl).port);
}

test('serves blobs and queues to the real clients, each instance its own', async () => {
  const [one, other] = await Promise.all([start(), start()]);
  const blobs = BlobServiceClient.fromConnectionString(one.connectionString);
  const queues = QueueServiceClient.fromConnectionString(one.connectionString);
  await blobs.createContainer('things');
  await queues.createQueue('jobs');
  await queues.getQueueClient('jobs').sendMessage('hello');

  const received = await queues.getQueueClient('jobs').receiveMessages();
  expect(received.receivedMessageItems.map((item) => item.messageText)).toEqual(['hello']);
  const elsewhere = BlobServiceClient.fromConnectionString(other.connectionString);
  await expect(elsewhere.getContainerClient('things').exists()).resolves.toBe(false);
});

test('keeps idle connections open for long', async () => {
  const azurite = await start();
  for (const url of [azurite.blobUrl, azurite.queueUrl]) {
    const answer = await fetch(`${url}?comp=list`);
    expect(answer.headers.get('keep-alive')).toBe('timeout=3600');
  }
});

test('keeps its data in a location over a stop and a start on the same port, and writes nowhere else', async () => {
  const location = path.join(scratch, 'data');
  const blobPort = await freePort();
  const before = await startAzurite({ location, blobPort });
  const put = BlobServiceClient.fromConnectionString(before.connectionString).getContainerClient('kept');
  await put.create();
  await put.getBlockBlobClient('name').upload('bytes', 5);
  await before.stop(); // at once: sooner than Azurite's own save every 5 s

  const again = await start({ location, blobPort });
  expect(again.blobUrl).toBe(before.blobUrl);
  const kept = BlobServiceClient.fromConnectionString(again.connectionString).getContainerClient('kept');
  await expect(kept.getBlobClient('name').downloadToBuffer()).resolves.toEqual(Buffer.from('bytes'));
});

test('removes its temporary folder, in memory and with a location, started or not', async () => {
  const port = Number(new URL((await start()).blobUrl).port);
  const temporary = path.join(scratch, 'temporary');
  await mkdtemp(`${temporary}-`); // one entry that is not Azurite's, to see that we look at the right folder
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, scratch);
  const running = await startAzurite();
  expect(await readdir(scratch)).toHaveLength(2);
  await running.stop();
  await expect(startAzurite({ blobPort: port })).rejects.toThrow('EADDRINUSE');
  expect(await readdir(scratch)).toHaveLength(1);
});

test('says why it did not start', async () => {
  const first = await start();
  const blobPort = Number(new URL(first.blobUrl).port);
  await expect(startAzurite({ blobPort })).rejects.toThrow(
    new RegExp(`Azurite blob \\(port ${blobPort}\\) ended before it listened.*EADDRINUSE`, 's'),
  );
});

test('does not see the environment of other Azurites', async () => {
  vi.stubEnv('AZURITE_ACCOUNTS', 'other:a2V5');
  const azurite = await start();
  const blobs = BlobServiceClient.fromConnectionString(azurite.connectionString);
  await expect(blobs.createContainer('things')).resolves.toBeDefined();
});

test('ends with a parent that was killed', async () => {
  const module = new URL('./azurite.ts', import.meta.url).href;
  const script = `const a = await (await import('${module}')).startAzurite(); console.log(a.blobUrl, a.queueUrl);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: scratch, TEMP: scratch, TMP: scratch }, // it cannot clean up
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const sockets = line
    .toString()
    .trim()
    .split(' ')
    .map((url) => connect(Number(new URL(url).port), '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));

  const closed = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
  parent.kill('SIGKILL');
  await closed;
  const refused = sockets.map((socket) => fetch(`http://127.0.0.1:${socket.remotePort}`));
  for (const result of await Promise.allSettled(refused)) expect(result.status).toBe('rejected');
});
