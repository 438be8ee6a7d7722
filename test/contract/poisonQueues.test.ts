/** Counting the poison queues of this app on the real client: all of its own, and no other queue. */
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { poisonQueues } from '../../shared/azure/poisonQueues.ts';
import { type Azurite, startAzurite } from '../local/azurite.ts';

let azurite: Azurite;
let service: QueueServiceClient;

beforeAll(async () => {
  azurite = await startAzurite();
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  for (const [name, messages] of [
    ['backup-jobs-0', 1],
    ['backup-jobs-0-poison', 0],
    ['backup-jobs-12-poison', 2],
    ['restore-jobs-poison', 1],
    ['verify-jobs', 1],
    ['verify-jobs-poison', 3],
    ['portable-jobs-poison', 4],
    ['others-poison', 1],
  ] as const) {
    const queue = service.getQueueClient(name);
    await queue.create();
    for (let i = 0; i < messages; i += 1) await queue.sendMessage('not base64 at all');
  }
});
afterAll(() => azurite?.stop());

test('each with what lies in it, also what no function can read', async () => {
  const counts = await poisonQueues(service).counts();
  expect(Object.fromEntries(counts.map(({ queue, count }) => [queue, count]))).toEqual({
    'backup-jobs-0-poison': 0,
    'backup-jobs-12-poison': 2,
    'restore-jobs-poison': 1,
    'verify-jobs-poison': 3,
    'portable-jobs-poison': 4,
  });
});
