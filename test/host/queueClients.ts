/** Queue clients by connection string and name: one service client, and one socket pool, per account. */
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';

export type QueueClients = (connectionString: string, queueName: string) => QueueClient;

export function createQueueClients(): QueueClients {
  const services = new Map<string, QueueServiceClient>();
  return (connectionString, queueName) => {
    let service = services.get(connectionString);
    if (service === undefined) {
      service = QueueServiceClient.fromConnectionString(connectionString, {
        retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 1_000, tryTimeoutInMs: 30_000 },
      });
      services.set(connectionString, service);
    }
    return service.getQueueClient(queueName);
  };
}

/** The error code that storage gave, or undefined if it was not storage that failed. */
export function storageCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return String(error.code);
}

/** The queue is created on the first write, as the extension creates output and poison queues. */
export async function sendCreating(
  queue: QueueClient,
  text: string,
  abortSignal?: AbortSignal,
): Promise<void> {
  const options = abortSignal === undefined ? {} : { abortSignal };
  try {
    await queue.sendMessage(text, options);
  } catch (error) {
    if (storageCode(error) !== 'QueueNotFound') throw error;
    await queue.createIfNotExists(options);
    await queue.sendMessage(text, options);
  }
}
