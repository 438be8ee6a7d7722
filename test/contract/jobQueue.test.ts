/** The queue adapter against Azurite: what arrives is what the host expects. */
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storageQueue } from '../../shared/azure/storageQueue.ts';
import { decodeBackupMessage, type JobMessage } from '../../shared/domain/jobs.ts';
import { type Azurite, startAzurite } from '../local/azurite.ts';

let azurite: Azurite;
let made = 0;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite?.stop());

async function newQueue() {
  made += 1;
  const client = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
    `queue-${made}`,
  );
  await client.create();
  return client;
}

const message: JobMessage = {
  v: 1,
  job: { type: 'advanceRun', vault: 'contoso', runId: '20261122T020000Z' },
  notAfter: null,
  attempt: 0,
};

test('a message arrives as base64 of its JSON', async () => {
  const client = await newQueue();
  await storageQueue(client, 30_000).send(message);
  const [received] = (await client.receiveMessages()).receivedMessageItems;
  expect(
    decodeBackupMessage(JSON.parse(Buffer.from(received?.messageText ?? '', 'base64').toString('utf8'))),
  ).toEqual(message);
});

test('a delay keeps it invisible, rounded up to whole seconds', async () => {
  const client = await newQueue();
  await storageQueue(client, 30_000).send(message, { delaySeconds: 2.2 });
  expect((await client.receiveMessages()).receivedMessageItems).toHaveLength(0);
  const { approximateMessagesCount } = await client.getProperties();
  expect(approximateMessagesCount).toBe(1);
});

test('one that never expires outlives the service’s seven days', async () => {
  const client = await newQueue();
  await storageQueue(client, 30_000).send(message, { neverExpires: true });
  const [received] = (await client.receiveMessages()).receivedMessageItems;
  expect(received?.expiresOn.getUTCFullYear()).toBe(9999);
});

test('a missing queue is an error that names it', async () => {
  const client = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
    'never-made',
  );
  await expect(storageQueue(client, 30_000).send(message)).rejects.toMatchObject({
    name: 'BackupError',
    message: expect.stringContaining('never-made'),
  });
});
