/** The proxy around the policy: forwarding byte for byte, names of operations, create-only writers. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BlobServiceClient, BlockBlobClient } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { blockId, type ProxiedStorage, startProxiedStorage } from './proxiedStorage.ts';
import { storageOperation } from './storageOperations.ts';
import { type StorageProxy, startStorageProxy } from './storageProxy.ts';
import { readBody } from './storageTarget.ts';

let stack: ProxiedStorage;
let proxy: StorageProxy;
let service: BlobServiceClient;
let blob: BlockBlobClient;
let number = 0;

beforeAll(async () => {
  stack = await startProxiedStorage({ createOnly: ['create-only'], worm: ['create-only', 'locked'] });
  ({ proxy, blobs: service } = stack);
  await service.createContainer('create-only');
  await service.createContainer('locked');
});
afterAll(() => stack.stop());
beforeEach(async () => {
  const container = service.getContainerClient(`container-${++number}`);
  await container.create();
  blob = container.getBlockBlobClient('folder/name');
  proxy.resetCounters();
});

describe('forwarding', () => {
  test.each(['plain', "a b/ü+%&'#?.x", '%2F%25', 'a\\b', 'a//b/'])('keeps the name %s', async (name) => {
    const container = service.getContainerClient('locked');
    await container.getBlockBlobClient(name).upload('x', 1, { metadata: { kept: 'a  b' } });
    const past = stack.direct.getContainerClient('locked').getBlobClient(name);
    await expect(past.getProperties()).resolves.toMatchObject({ metadata: { kept: 'a  b' } });
    await expect(container.getBlockBlobClient(name).upload('y', 1)).rejects.toMatchObject({
      code: 'BlobImmutableDueToPolicy',
    });
  });

  test('keeps bodies of several MB in one put, in blocks and in ranges', async () => {
    const bytes = randomBytes(6 * 1024 * 1024);
    await blob.upload(bytes, bytes.length);
    expect((await blob.downloadToBuffer()).equals(bytes)).toBe(true);
    await blob.uploadData(bytes, { maxSingleShotSize: 1024 * 1024, blockSize: 1024 * 1024 });
    expect((await blob.downloadToBuffer(100, 2000)).equals(bytes.subarray(100, 2100))).toBe(true);
  });

  test('handles hundreds of requests at once', async () => {
    const container = service.getContainerClient('locked');
    const names = Array.from({ length: 300 }, (_, index) => `many/${index}`);
    await Promise.all(names.map((name) => container.getBlockBlobClient(name).upload(name, name.length)));
    expect(proxy.count({ operation: 'PutBlob', status: 201 })).toBe(300);
  });

  test('reuses its connections, and adds no header but Host', async () => {
    let connections = 0;
    const target = createServer((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    target.on('connection', () => connections++);
    await once(target.listen(0, '127.0.0.1'), 'listening');
    const host = `127.0.0.1:${(target.address() as AddressInfo).port}`;
    const echo = await startStorageProxy({ target: `http://${host}`, kind: 'blob' });
    for (const method of ['GET', 'DELETE', 'GET']) {
      const outgoing = httpRequest(`${echo.url}/a/c/n`, {
        method,
        headers: ['Host', 'proxy', 'X-Ms-Date', 'now', 'x-MS-a', ' b'],
      });
      const [answer] = (await once(outgoing.end(), 'response')) as [IncomingMessage];
      const sent: unknown = JSON.parse((await readBody(answer)).toString());
      expect(sent).toEqual(['Host', host, 'X-Ms-Date', 'now', 'x-MS-a', 'b', 'Connection', 'keep-alive']);
    }
    await echo.stop();
    await once(target.close(), 'close');
    expect(connections).toBe(1);
  });

  test('shows a target that is down as a broken connection', async () => {
    const lonely = await startStorageProxy({ target: 'http://127.0.0.1:9', kind: 'blob' });
    await expect(fetch(`${lonely.url}/devstoreaccount1/c?restype=container`)).rejects.toThrow('fetch failed');
    expect(lonely.count({ operation: 'GetContainerProperties', status: 0 })).toBe(1);
    await lonely.stop();
  });
});

describe('the name of an operation', () => {
  test.each<[string, string, string, string]>([
    ['PUT', '/c?restype=container', 'CreateContainer', ''],
    ['HEAD', '/c?restype=container', 'GetContainerProperties', ''],
    ['DELETE', '/c?restype=container', 'DeleteContainer', ''],
    ['PUT', '/c?restype=container&comp=lease', 'LeaseContainer', ''],
    ['GET', '/c?comp=list&restype=container&prefix=a/', 'ListBlobs', ''],
    ['POST', '/?comp=batch', 'BatchBlobs', ''],
    ['POST', '/c?restype=container&comp=batch', 'BatchBlobs', ''],
    ['HEAD', '/c/a%2Fb', 'GetBlobProperties', 'a/b'],
    ['GET', '/c/a/b?snapshot=1', 'GetBlob', 'a/b'],
    ['PUT', '/%63%2Fa%252Fb', 'PutBlob', 'a%2Fb'],
    ['GET', '/c/a%5Cb', 'GetBlob', 'a/b'],
    ['PUT', '/c/a?comp=block&blockid=x', 'PutBlock', 'a'],
    ['PUT', '/c/a?comp=immutabilityPolicies', 'SetImmutabilityPolicy', 'a'],
    ['DELETE', '/c/a?comp=immutabilityPolicies', 'DeleteImmutabilityPolicy', 'a'],
    ['PUT', '/c/a?comp=legalhold', 'SetLegalHold', 'a'],
    ['PUT', '/c/a?comp=new', 'Unknown(PUT new)', 'a'],
  ])('%s %s is %s', (method, path, operation, name) => {
    const found = storageOperation('blob', method, `/devstoreaccount1${path}`, {});
    expect(found).toMatchObject({
      operation,
      name,
      account: 'devstoreaccount1',
      container: name || path.includes('/c') ? 'c' : '',
    });
    expect(found.write).toBe(!['GET', 'HEAD'].includes(method));
  });

  test('is counted with container and status, until the counters are reset', async () => {
    const container = blob.containerName;
    await blob.stageBlock(blockId, 'x', 1);
    await blob.commitBlockList([blockId]);
    await expect(blob.upload('x', 1, { conditions: { ifNoneMatch: '*' } })).rejects.toThrow('already exists');
    await blob.setAccessTier('Cool');
    expect(proxy.counters()).toEqual([
      { operation: 'PutBlock', container, status: 201, count: 1 },
      { operation: 'PutBlockList', container, status: 201, count: 1 },
      { operation: 'PutBlob', container, status: 409, count: 1 },
      { operation: 'SetBlobTier', container, status: 200, count: 1 },
    ]);
    expect(proxy.count({ container })).toBe(4);
    expect(proxy.count({ container, status: 201 })).toBe(2);
    expect(proxy.count({ container: 'elsewhere' })).toBe(0);
    proxy.resetCounters();
    expect(proxy.count({})).toBe(0);
  });
});

describe('a create-only container', () => {
  const fresh = (): BlockBlobClient =>
    service.getContainerClient('create-only').getBlockBlobClient(`${++number}`);
  const denied = { statusCode: 403, code: 'UnauthorizedBlobOverwrite' };

  test.each([{ conditions: { ifNoneMatch: '*' } }, {}])('denies an overwrite with %o', async (options) => {
    const created = fresh();
    await created.upload('first', 5, options);
    await expect(created.upload('other', 5, options)).rejects.toMatchObject(denied);
    await expect(created.stageBlock(blockId, 'x', 1)).rejects.toMatchObject(denied);
    await expect(created.commitBlockList([blockId], options)).rejects.toMatchObject(denied);
    await expect(created.downloadToBuffer()).resolves.toEqual(Buffer.from('first'));
  });

  test('stays as immutable as its policy says', async () => {
    const created = fresh();
    await created.upload('first', 5);
    await expect(created.delete()).rejects.toMatchObject({ code: 'BlobImmutableDueToPolicy' });
  });
});
