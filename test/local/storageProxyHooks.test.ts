/** The proxy's hooks, counters and faults, and what it does before a queue. */
import type { BlobServiceClient, BlockBlobClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectionString } from './azurite.ts';
import { type ProxiedStorage, startProxiedStorage } from './proxiedStorage.ts';
import { type StorageProxy, type StorageRequest, startStorageProxy } from './storageProxy.ts';

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

/** A promise and the function that fulfils it. */
function signal(): { given: Promise<void>; give: () => void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

describe('hooks', () => {
  test('before sees what is asked, before the target does', async () => {
    const seen: StorageRequest[] = [];
    const past = stack.direct.getContainerClient(blob.containerName).getBlobClient(blob.name);
    const existed: boolean[] = [];
    const unsubscribe = proxy.before(async (request) => {
      seen.push(request);
      existed.push(await past.exists());
    });
    await blob.upload('x', 1);
    await blob.getProperties();
    unsubscribe();
    await blob.getProperties();

    const { container, name } = { container: blob.containerName, name: blob.name };
    expect(seen).toEqual([
      {
        kind: 'blob',
        operation: 'PutBlob',
        container,
        name,
        method: 'PUT',
        write: true,
        sequence: expect.any(Number),
        body: Buffer.from('x'),
      },
      { ...seen[1], operation: 'GetBlobProperties', method: 'HEAD', write: false },
    ]);
    expect(seen[1]?.sequence).toBe((seen[0]?.sequence ?? 0) + 1);
    expect(existed).toEqual([false, true]);
  });

  test('after runs when the target has written, and the client still waits', async () => {
    const answered = signal();
    const released = signal();
    const order: string[] = [];
    const unsubscribe = proxy.after(async (request) => {
      expect(request).toMatchObject({ operation: 'PutBlob', status: 201 });
      answered.give();
      await released.given;
      order.push('hook');
    });
    const upload = blob.upload('x', 1).then(() => order.push('client'));
    await answered.given;
    const past = stack.direct.getContainerClient(blob.containerName).getBlobClient(blob.name);
    await expect(past.exists()).resolves.toBe(true);
    expect(order).toEqual([]);
    released.give();
    await upload;
    unsubscribe();
    expect(order).toEqual(['hook', 'client']);
  });

  test('a client that dies in an after hook has written', async () => {
    const client = new AbortController();
    const unsubscribe = proxy.after(() => client.abort());
    await expect(blob.upload('x', 1, { abortSignal: client.signal })).rejects.toThrow('abort');
    unsubscribe();
    await expect(blob.exists()).resolves.toBe(true);
  });

  test('a hook that holds one write lets another of the same name pass', async () => {
    const held = signal();
    const passed = signal();
    const guarded = service.getContainerClient('locked').getBlockBlobClient(`held-${++number}`);
    let first = true;
    const unsubscribe = proxy.before(async () => {
      if (!first) return;
      first = false;
      held.give();
      await passed.given;
    });
    const slow = guarded.upload('slow', 4);
    await held.given;
    await guarded.upload('fast', 4);
    passed.give();
    await expect(slow).rejects.toMatchObject({ code: 'BlobImmutableDueToPolicy' });
    unsubscribe();
  });

  test('a hook that throws fails its request, not the run', async () => {
    const unsubscribe = proxy.before(() => {
      throw new Error('an assertion');
    });
    await expect(blob.upload('x', 1)).rejects.toMatchObject({ statusCode: 400, code: 'TestProxyFailed' });
    unsubscribe();
    await expect(blob.exists()).resolves.toBe(false);
  });
});

describe('faults', () => {
  test('an error is answered as storage answers it, and nothing is forwarded', async () => {
    const unsubscribe = proxy.before(() => ({
      status: 503,
      code: 'ServerBusy',
      message: 'The server is <busy>.',
    }));
    await expect(blob.upload('x', 1)).rejects.toMatchObject({
      statusCode: 503,
      code: 'ServerBusy',
      message: expect.stringMatching(/^The server is <busy>\.\nRequestId:/),
    });
    const head = await fetch(blob.url, { method: 'HEAD' });
    unsubscribe();
    expect(head.headers.get('x-ms-error-code')).toBe('ServerBusy');
    expect(head.headers.get('content-length')).toBe('0');
    expect(proxy.count({ operation: 'PutBlob', status: 503 })).toBe(1);
    await expect(blob.exists()).resolves.toBe(false);
  });

  test('a reset breaks the connection', async () => {
    const unsubscribe = proxy.before(() => ({ reset: true }));
    await expect(blob.upload('x', 1)).rejects.toMatchObject({ code: 'ECONNRESET' });
    unsubscribe();
    await expect(blob.exists()).resolves.toBe(false);
  });

  test('a hang answers nothing, while others are answered', async () => {
    const hanging = signal();
    const client = new AbortController();
    const unsubscribe = proxy.before(({ operation }) => {
      if (operation !== 'PutBlob') return undefined;
      hanging.give();
      return { hang: true };
    });
    let settled = false;
    const upload = blob.upload('x', 1, { abortSignal: client.signal }).finally(() => {
      settled = true;
    });
    await hanging.given;
    await expect(blob.exists()).resolves.toBe(false);
    expect(settled).toBe(false);
    client.abort();
    await expect(upload).rejects.toThrow('abort');
    unsubscribe();
  });
});

test('before a queue it names, counts and interrupts', async () => {
  const target = new URL(stack.azurite.queueUrl).origin;
  const queueProxy = await startStorageProxy({ target, kind: 'queue' });
  const url = `${queueProxy.url}/devstoreaccount1`;
  const queue = QueueServiceClient.fromConnectionString(connectionString(url, url), {
    retryOptions: { maxTries: 1 },
  }).getQueueClient('jobs');
  await queue.create();
  const { messageId, popReceipt } = await queue.sendMessage('one');
  await queue.updateMessage(messageId, popReceipt, 'two');
  await queue.peekMessages();
  const [received] = (await queue.receiveMessages()).receivedMessageItems;
  expect(received?.messageText).toBe('two');
  await queue.deleteMessage(messageId, received?.popReceipt ?? '');
  await queue.getProperties();
  await queue.clearMessages();
  const unsubscribe = queueProxy.before(({ operation }) =>
    operation === 'PutMessage' ? { status: 500, code: 'InternalError' } : undefined,
  );
  await expect(queue.sendMessage('lost')).rejects.toMatchObject({ code: 'InternalError' });
  unsubscribe();
  await queue.delete();

  expect(
    queueProxy.counters().map(({ operation, container, status }) => `${operation} ${container} ${status}`),
  ).toEqual([
    'CreateQueue jobs 201',
    'PutMessage jobs 201',
    'UpdateMessage jobs 204',
    'PeekMessages jobs 200',
    'GetMessages jobs 200',
    'DeleteMessage jobs 204',
    'GetQueueProperties jobs 200',
    'ClearMessages jobs 204',
    'PutMessage jobs 500',
    'DeleteQueue jobs 204',
  ]);
  await queueProxy.stop();
});
