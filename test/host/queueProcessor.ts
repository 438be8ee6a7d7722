/**
 * What becomes of a message (`QueueProcessor.cs`): deleted after success, made visible again after a failure, copied to
 * `<queue>-poison` when its attempts are used up or when it cannot be decoded. A queue that is itself a poison queue
 * has none: a failed message stays invisible until its lease runs out.
 */
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { messageOf } from './errors.ts';
import type { QueueOptions } from './hostJson.ts';
import type { LogFunction } from './hostLog.ts';
import { sendCreating, storageCode } from './queueClients.ts';

const SUFFIX = '-poison';

export interface QueueProcessorParts {
  queue: QueueClient;
  /** undefined: this queue gets no poison queue. */
  poison: QueueClient | undefined;
  options: QueueOptions;
  log: LogFunction;
  dead: AbortSignal;
  messageAdded(queueUrl: string): void;
}

export function poisonQueueName(queueName: string): string | undefined {
  const name = queueName + SUFFIX;
  return queueName.endsWith(SUFFIX) || name.length > 63 ? undefined : name;
}

export function createQueueProcessor({
  queue,
  poison,
  options,
  log,
  dead,
  messageAdded,
}: QueueProcessorParts) {
  const abort = { abortSignal: dead };
  const tell = (level: 'debug' | 'warning' | 'error', message: string) =>
    log({ level, category: 'Host.Triggers.Queue', message: `${queue.name}: ${message}` });

  /** A message that somebody else has meanwhile deleted or received is no longer ours to change. */
  async function tolerateLost(change: Promise<unknown>): Promise<void> {
    try {
      await change;
    } catch (error) {
      const code = storageCode(error);
      if (code !== 'MessageNotFound' && code !== 'PopReceiptMismatch' && code !== 'QueueNotFound')
        throw error;
      tell('debug', `the message was gone when its run ended (${code}).`);
    }
  }

  async function moveToPoison(message: DequeuedMessageItem, popReceipt: string): Promise<void> {
    if (poison === undefined) return;
    tell(
      'warning',
      `Message has reached MaxDequeueCount of ${options.maxDequeueCount}. Moving message to queue '${poison.name}'.`,
    );
    await sendCreating(poison, message.messageText, dead);
    messageAdded(poison.url);
    await tolerateLost(queue.deleteMessage(message.messageId, popReceipt, abort));
  }

  return {
    moveToPoison,
    /** False: the message has had its attempts (an earlier host died over it) and must not run again. */
    async mayRun(message: DequeuedMessageItem): Promise<boolean> {
      if (message.dequeueCount <= options.maxDequeueCount) return true;
      await moveToPoison(message, message.popReceipt);
      return false;
    },
    async succeeded(message: DequeuedMessageItem, popReceipt: string): Promise<void> {
      await tolerateLost(queue.deleteMessage(message.messageId, popReceipt, abort));
    },
    async failed(message: DequeuedMessageItem, popReceipt: string, error: unknown): Promise<void> {
      tell(
        'error',
        `attempt ${message.dequeueCount} of message ${message.messageId} failed: ${messageOf(error)}`,
      );
      if (poison === undefined) return; // a fast endless loop otherwise
      if (message.dequeueCount >= options.maxDequeueCount) {
        await moveToPoison(message, popReceipt);
        return;
      }
      const seconds = options.visibilityTimeoutSeconds;
      await tolerateLost(queue.updateMessage(message.messageId, popReceipt, undefined, seconds, abort));
      if (seconds === 0) messageAdded(queue.url);
    },
  };
}
