/**
 * Puts a message back for later as a fresh one, because a delivery that is not a failure must not use up dequeues.
 * Sent before the delivered one is deleted: a crash in between doubles it, which every job bears.
 */
import type { JobMessage } from '../domain/jobs.ts';
import type { Random } from '../ports/clock.ts';
import type { JobQueue } from '../ports/jobQueue.ts';

export async function sendBack(
  message: JobMessage,
  delayMs: number,
  queue: JobQueue,
  random: Random,
): Promise<void> {
  // Spread over a quarter more, so that a paused vault is not met by everybody in the same second.
  const delaySeconds = Math.max(1, (delayMs / 1000) * (1 + random() / 4));
  await queue.send({ ...message, attempt: message.attempt + 1 }, { delaySeconds });
}
