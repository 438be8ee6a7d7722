/** Counts what lies in the poison queues: text that is not even base64 goes there raw, and no function ever sees it. */
import type { QueueServiceClient } from '@azure/storage-queue';
import type { PoisonQueues } from '../ports/jobQueue.ts';
import { describeFailure } from './describeFailure.ts';

export function poisonQueues(service: QueueServiceClient): PoisonQueues {
  return {
    async counts() {
      try {
        const counts: { queue: string; count: number }[] = [];
        for await (const { name } of service.listQueues()) {
          if (!/^(backup-jobs-\d+|restore-jobs|verify-jobs|portable-jobs)-poison$/.test(name)) continue;
          const { approximateMessagesCount } = await service.getQueueClient(name).getProperties();
          counts.push({ queue: name, count: approximateMessagesCount ?? 0 });
        }
        return counts;
      } catch (error) {
        throw describeFailure(error, { target: 'the queues', operation: 'counting poisoned messages' }, null);
      }
    },
  };
}
