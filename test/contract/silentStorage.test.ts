/** A storage that takes every request and answers none, or stops in the middle of a body: each call ends, as unreachable. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blobContainer } from '../../shared/azure/blobContainer.ts';
import { storageQueue } from '../../shared/azure/storageQueue.ts';

let server: Server;
let silent: ReturnType<typeof blobContainer>;
let queue: ReturnType<typeof storageQueue>;
const soonMs = 300;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (!request.url?.includes('half')) return;
    response.writeHead(200, {
      'content-length': '100',
      'content-type': 'application/octet-stream',
      etag: '"0x1"',
      'last-modified': 'Sun, 22 Nov 2026 02:00:00 GMT',
    });
    response.write('only this');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account`;
  const account = `AccountName=account;AccountKey=${Buffer.from('a key').toString('base64')}`;
  const text = `DefaultEndpointsProtocol=http;${account};BlobEndpoint=${origin};QueueEndpoint=${origin}`;
  silent = blobContainer(BlobServiceClient.fromConnectionString(text).getContainerClient('backups'), soonMs);
  queue = storageQueue(QueueServiceClient.fromConnectionString(text).getQueueClient('jobs'), soonMs);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const blob = { bytes: Buffer.from('bytes'), contentType: 'text/plain' };

test.each<[string, () => Promise<unknown>]>([
  ['creating', () => silent.create('some', blob)],
  ['replacing', () => silent.replace('some', blob.bytes, null)],
  ['looking up', () => silent.facts('some')],
  ['reading', () => silent.read('some')],
  ['reading a body that stops', () => silent.read('half')],
  ['reading with its tag', () => silent.readTagged('some')],
  ['listing', () => Array.fromAsync(silent.list('some/'))],
  ['asking for the time', () => silent.serverTime()],
  [
    'sending',
    () =>
      queue.send({
        v: 1,
        job: { type: 'advanceRun', vault: 'contoso', runId: '20261122T020000Z' },
        notAfter: null,
        attempt: 0,
      }),
  ],
])('%s ends', async (_what, call) => {
  await expect(call()).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/abort/i),
  });
});

test('whether the container is immutable is then unknown', async () => {
  expect(await silent.immutability()).toBe('unknown');
});
