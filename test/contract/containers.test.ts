/** The container contract on the memory fake and on the real Blob client against Azurite behind the immutability proxy. */
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobContainer } from '../../shared/azure/blobContainer.ts';
import { fakeClock } from '../fakes/fakeClock.ts';
import { memoryContainer } from '../fakes/memoryContainer.ts';
import { type Azurite, startAzurite } from '../local/azurite.ts';
import { type StorageProxy, startStorageProxy } from '../local/storageProxy.ts';
import { immutableContainerContract, stateContainerContract } from './containers.contract.ts';

let azurite: Azurite;
let proxy: StorageProxy;
let service: BlobServiceClient;
let made = 0;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startStorageProxy({ kind: 'blob', target: new URL(azurite.blobUrl).origin });
  const { accountName, accountKey } = azurite;
  service = BlobServiceClient.fromConnectionString(
    `DefaultEndpointsProtocol=http;AccountName=${accountName};AccountKey=${accountKey};BlobEndpoint=${proxy.url}/${accountName}`,
    { retryOptions: { maxTries: 1 } },
  );
});
afterAll(async () => {
  await proxy?.stop();
  await azurite?.stop();
});

/** A new real container; locked means WORM. */
async function realContainer(policy: 'locked' | 'none' = 'none') {
  made += 1;
  const client = service.getContainerClient(`contract-${made}`);
  await client.create();
  proxy.setPolicy(client.containerName, policy);
  return { client, container: blobContainer(client, 30_000) };
}

immutableContainerContract('memory, immutable', async () => memoryContainer(fakeClock()));
stateContainerContract('memory, state', async () => memoryContainer(fakeClock()));
immutableContainerContract('blob storage, immutable', async () => (await realContainer('locked')).container);
stateContainerContract('blob storage, state', async () => (await realContainer()).container);

describe('blob storage alone', () => {
  test('a container without a policy says so, and a missing one is unknown', async () => {
    expect(await (await realContainer()).container.immutability()).toBe('none');
    expect(await blobContainer(service.getContainerClient('never-made'), 30_000).immutability()).toBe(
      'unknown',
    );
  });

  test('a create overwrites nothing, also where no policy forbids it', async () => {
    const { container } = await realContainer();
    const blob = (text: string) => ({ bytes: Buffer.from(text), contentType: 'text/plain' });
    expect(await container.create('one', blob('first'))).toBe('created');
    expect(await container.create('one', blob('second'))).toBe('exists');
    expect(Buffer.from((await container.read('one'))?.bytes ?? []).toString()).toBe('first');
  });

  test.each([
    ['once is read again', 1, 'as written'],
    ['each time is handed on: who reads it compares', 2, 'bs written'],
  ])('a blob that came with other bytes %s', async (_what, times, expected) => {
    const { container } = await realContainer();
    await container.create('one', { bytes: Buffer.from('as written'), contentType: 'text/plain' });
    let left = times;
    const stop = proxy.after(({ operation, answer }) => {
      if (operation !== 'GetBlob' || left === 0) return undefined;
      left -= 1;
      const body = Buffer.from(answer ?? '');
      body.write('b');
      return { body };
    });
    expect(Buffer.from((await container.read('one'))?.bytes ?? []).toString()).toBe(expected);
    expect(left).toBe(0);
    stop();
  });

  test.each([409, 412])('a %i for a name that is free is nobody’s conflict', async (status) => {
    const { container } = await realContainer();
    const stop = proxy.before(({ operation }) =>
      operation === 'PutBlob' ? { status, code: 'BlobAlreadyExists' } : undefined,
    );
    const creation = container.create('one', { bytes: Buffer.from('x'), contentType: 'text/plain' });
    await expect(creation).rejects.toMatchObject({ code: 'unreachable' });
    stop();
  });

  test('a create is one Put Blob', async () => {
    const { client, container } = await realContainer('locked');
    await container.create('one', { bytes: Buffer.from('x'), contentType: 'text/plain' });
    expect(proxy.count({ operation: 'PutBlob', container: client.containerName })).toBe(1);
  });

  test('a missing container is an error with a hint, not an absence', async () => {
    const container = blobContainer(service.getContainerClient('never-made'), 30_000);
    await expect(
      container.create('one', { bytes: Buffer.from('x'), contentType: 'text/plain' }),
    ).rejects.toMatchObject({
      name: 'BackupError',
      code: 'notFound',
    });
  });

  test('a dropped connection is unreachable', async () => {
    const { container } = await realContainer();
    const stop = proxy.before((request) => (request.name === 'dropped' ? { reset: true } : undefined));
    await expect(container.replace('dropped', Buffer.from('x'), null)).rejects.toMatchObject({
      code: 'unreachable',
    });
    stop();
  });
});
