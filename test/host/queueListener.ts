/**
 * Listens to the queue of one function (`QueueListener.cs`): receive a batch, run every message at once, receive again
 * when no more than newBatchThreshold are running, back off while the queue is empty or missing. Nothing here creates
 * the queue.
 */
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { createAlarm } from './alarm.ts';
import { createBackoff } from './backoff.ts';
import { messageOf } from './errors.ts';
import type { Execute } from './executor.ts';
import type { QueueFunction } from './functionCatalog.ts';
import type { QueueOptions } from './hostJson.ts';
import type { LogFunction } from './hostLog.ts';
import type { InFlight } from './inFlight.ts';
import { holdLease } from './messageLease.ts';
import { type QueueClients, storageCode } from './queueClients.ts';
import { decodeBackupMessage, queueTriggerMetadata } from './queueMessage.ts';
import { createQueueProcessor, poisonQueueName } from './queueProcessor.ts';

const SHORTEST_POLL_MS = 100;
const LONG_MS = 60_000; // a ring ends the wait

export interface QueueListenerParts {
  fn: QueueFunction;
  options: QueueOptions;
  leaseSeconds: number;
  queues: QueueClients;
  execute: Execute;
  inFlight: InFlight;
  log: LogFunction;
  /** Aborted when the host dies: no message is touched after that. */
  dead: AbortSignal;
  messageAdded(queueUrl: string): void;
}

export interface Listener {
  start(): void;
  /** No new work from here on; resolves when the last receive is over. What runs, runs on. */
  stop(): Promise<void>;
}

export function createQueueListener(
  parts: QueueListenerParts,
): Listener & { queue: QueueClient; wake(): void } {
  const { fn, options, leaseSeconds, queues, execute, inFlight, log, dead, messageAdded } = parts;
  const queue = queues(fn.connectionString, fn.queueName);
  const poisonName = poisonQueueName(fn.queueName);
  const poison = poisonName === undefined ? undefined : queues(fn.connectionString, poisonName);
  const processor = createQueueProcessor({ queue, poison, options, log, dead, messageAdded });
  const alarm = createAlarm();
  const backoff = createBackoff(SHORTEST_POLL_MS, options.maxPollingIntervalMs);
  const running = new Set<Promise<void>>();
  let loop = Promise.resolve();

  const tell = (level: 'warning' | 'error', message: string) =>
    log({
      level,
      category: 'Host.Triggers.Queue',
      message: `${fn.queueName}: ${message}`,
      functionName: fn.name,
    });

  async function run(message: DequeuedMessageItem, body: Buffer): Promise<void> {
    const lease = holdLease(queue, message, leaseSeconds, dead, (error) =>
      tell('warning', `the lease of message ${message.messageId} could not be renewed: ${messageOf(error)}`),
    );
    let failure: { error: unknown } | undefined;
    try {
      const text = body.toString('utf8');
      await execute({
        fn,
        reason: `New queue message detected on '${fn.queueName}'.`,
        data: fn.binary ? { bytes: body } : { string: text },
        triggerMetadata: queueTriggerMetadata(message, text),
      });
    } catch (error) {
      failure = { error };
    }
    const popReceipt = await lease.end();
    // After the host's death these do nothing: `dead` aborts every request of theirs.
    if (failure === undefined) await processor.succeeded(message, popReceipt);
    else await processor.failed(message, popReceipt, failure.error);
  }

  async function handle(message: DequeuedMessageItem): Promise<void> {
    try {
      const body = decodeBackupMessage(message.messageText, options.messageEncoding);
      if (body === undefined) await processor.moveToPoison(message, message.popReceipt);
      else if (await processor.mayRun(message)) await run(message, body);
    } catch (error) {
      if (!dead.aborted) tell('error', `message ${message.messageId}: ${messageOf(error)}`);
    }
  }

  async function receive(): Promise<DequeuedMessageItem[]> {
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: options.batchSize,
        visibilityTimeout: leaseSeconds,
        abortSignal: dead,
      });
      return receivedMessageItems;
    } catch (error) {
      if (storageCode(error) !== 'QueueNotFound' && !dead.aborted) {
        tell('error', `receiving failed: ${messageOf(error)}`);
      }
      return [];
    }
  }

  function begin(message: DequeuedMessageItem): void {
    const work = inFlight.track(handle(message)).finally(() => {
      running.delete(work);
      if (running.size === options.newBatchThreshold) alarm.ring();
    });
    running.add(work);
  }

  async function poll(): Promise<void> {
    while (!alarm.closed) {
      const messages = await receive();
      if (dead.aborted) return;
      for (const message of messages) begin(message);
      if (messages.length === 0) await alarm.wait(backoff.next());
      else backoff.reset();
      while (running.size > options.newBatchThreshold && !alarm.closed) {
        await alarm.wait(LONG_MS);
      }
    }
  }

  return {
    queue,
    start: () => {
      loop = poll();
    },
    wake: () => alarm.ring(),
    stop: async () => {
      alarm.close();
      await loop;
    },
  };
}
