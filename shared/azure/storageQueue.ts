/** The job queue on the real Queue client. Texts are base64, as the host expects (host.json messageEncoding). */
import type { QueueClient } from '@azure/storage-queue';
import { BackupError } from '../domain/errors.ts';
import { encodeMessage, maxMessageBytes } from '../domain/jobs.ts';
import type { JobQueue } from '../ports/jobQueue.ts';
import { describeFailure } from './describeFailure.ts';

const longestDelaySeconds = 7 * 24 * 3600;

/** A time of its own for each call: the SDK's tryTimeoutInMs only tells the service, and one that answers nothing would be waited for without end. */
export function storageQueue(queue: QueueClient, callTimeoutMs: number): JobQueue {
  return {
    async send(message, { delaySeconds = 0, neverExpires = false } = {}) {
      const bytes = Buffer.from(encodeMessage(message), 'utf8');
      if (bytes.length > maxMessageBytes)
        throw new BackupError('invalid', `a message of ${bytes.length} bytes does not fit a queue`);
      const visibilityTimeout = Math.min(longestDelaySeconds, Math.max(0, Math.ceil(delaySeconds)));
      try {
        await queue.sendMessage(bytes.toString('base64'), {
          visibilityTimeout,
          abortSignal: AbortSignal.timeout(callTimeoutMs),
          ...(neverExpires ? { messageTimeToLive: -1 } : {}),
        });
      } catch (error) {
        throw describeFailure(error, { target: `queue ${queue.name}`, operation: 'sending' }, null);
      }
    },
  };
}
