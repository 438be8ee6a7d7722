/**
 * Finds the queues of shards that are gone and moves what lies in them. A message is sent on before it is deleted: a
 * crash in between doubles it, which every job bears. One that cannot be read stays where it is, for the poison count.
 */
import type { QueueServiceClient } from '@azure/storage-queue';
import { decodeBackupMessage, decodeConfigMessage, decodeDiffMessage } from '../domain/jobs.ts';
import { shardOfQueue } from '../domain/shards.ts';
import type { JobQueue, StrayQueues } from '../ports/jobQueue.ts';
import { describeFailure } from './describeFailure.ts';

const atOnce = 32;
const mostBatches = 20;
/** Long enough to send a batch on; a mover that dies leaves them to the next one. */
const leaseSeconds = 60;

export function strayQueues(
  service: QueueServiceClient,
  shards: number,
  queueOf: (vault: string) => JobQueue,
): StrayQueues {
  async function empty(name: string): Promise<number> {
    const queue = service.getQueueClient(name);
    let moved = 0;
    for (let batch = 0; batch < mostBatches; batch += 1) {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: atOnce,
        visibilityTimeout: leaseSeconds,
      });
      if (receivedMessageItems.length === 0) break;
      for (const { messageText, messageId, popReceipt } of receivedMessageItems) {
        const message = decode(messageText);
        if (!message) continue;
        await queueOf(message.job.vault).send(message);
        await queue.deleteMessage(messageId, popReceipt);
        moved += 1;
      }
    }
    return moved;
  }

  return {
    async move() {
      try {
        let moved = 0;
        for await (const { name } of service.listQueues({ prefix: 'backup-jobs-' })) {
          const shard = shardOfQueue(name);
          if (shard !== null && shard >= shards) moved += await empty(name);
        }
        return moved;
      } catch (error) {
        throw describeFailure(
          error,
          { target: 'the queues', operation: 'moving messages of shards that are gone' },
          null,
        );
      }
    },
  };
}

function decode(text: string) {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    const message = decodeBackupMessage(value);
    if (!('problems' in message)) return message;
    const diff = decodeDiffMessage(value);
    if (!('problems' in diff)) return diff;
    const config = decodeConfigMessage(value);
    return 'problems' in config ? null : config;
  } catch {
    return null;
  }
}
