/** What an `after` hook of the proxy can make of an answer: the request was served, and its client does not learn it. */
import type { BlockBlobClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProxiedStorage, startProxiedStorage } from './proxiedStorage.ts';

let stack: ProxiedStorage;
let number = 0;

beforeAll(async () => {
  stack = await startProxiedStorage();
  await stack.blobs.createContainer('things');
});
afterAll(() => stack.stop());

function blobs(): { blob: BlockBlobClient; past: BlockBlobClient } {
  const name = `thing-${++number}`;
  const of = (service: ProxiedStorage['blobs']) =>
    service.getContainerClient('things').getBlockBlobClient(name);
  return { blob: of(stack.blobs), past: of(stack.direct) };
}

test('an answer can be lost after the write took effect', async () => {
  const { blob, past } = blobs();
  const stop = stack.proxy.after(({ operation }) => (operation === 'PutBlob' ? { reset: true } : undefined));
  await expect(blob.upload('x', 1)).rejects.toMatchObject({ code: 'ECONNRESET' });
  stop();
  await expect(past.exists()).resolves.toBe(true);
});

test('an answer can be replaced by an error', async () => {
  const { blob, past } = blobs();
  const stop = stack.proxy.after(() => ({ status: 500, code: 'InternalError' }));
  await expect(blob.upload('x', 1)).rejects.toMatchObject({ statusCode: 500, code: 'InternalError' });
  stop();
  await expect(past.exists()).resolves.toBe(true);
});

test('an answer shows its body, which can be changed', async () => {
  const { blob, past } = blobs();
  await past.upload('right', 5);
  const stop = stack.proxy.after(({ operation, answer }) =>
    operation === 'GetBlob' && answer?.toString() === 'right' ? { body: Buffer.from('wrong') } : undefined,
  );
  await expect(blob.downloadToBuffer().then(String)).resolves.toBe('wrong');
  stop();
  await expect(blob.downloadToBuffer().then(String)).resolves.toBe('right');
});

test('a listing shows its prefix', async () => {
  const prefixes: (string | undefined)[] = [];
  const stop = stack.proxy.before(({ prefix }) => void prefixes.push(prefix));
  await Array.fromAsync(stack.blobs.getContainerClient('things').listBlobsFlat({ prefix: 'a b/' }));
  await blobs().blob.exists();
  stop();
  expect(prefixes).toEqual(['a b/', undefined]);
});
