/** A queue in memory, at least once: delays, leases, dequeue counts and a poison list, on a fake clock. */
import { decodeMessage, encodeMessage, type JobMessage } from '../../shared/domain/jobs.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { JobQueue } from '../../shared/ports/jobQueue.ts';

export interface Queued {
  readonly id: number;
  readonly text: string;
  visibleAt: number;
  dequeueCount: number;
}

export interface MemoryQueue extends JobQueue {
  readonly messages: Map<number, Queued>;
  /** Every message that was ever sent. */
  readonly sent: JobMessage[];
  /** The message that is due first, taken under a lease; null if none is due. */
  take(leaseMs: number): (Queued & { message: JobMessage }) | null;
  done(id: number): void;
  release(id: number, delayMs: number): void;
  nextDueAt(): number | null;
}

export function memoryQueue(clock: Clock): MemoryQueue {
  const messages = new Map<number, Queued>();
  const sent: JobMessage[] = [];
  let ids = 0;
  const now = () => clock.now().getTime();
  const byDue = () => [...messages.values()].sort((a, b) => a.visibleAt - b.visibleAt || a.id - b.id);
  return {
    messages,
    sent,
    async send(message, { delaySeconds = 0 } = {}) {
      ids += 1;
      sent.push(message);
      messages.set(ids, {
        id: ids,
        text: encodeMessage(message),
        visibleAt: now() + Math.ceil(delaySeconds) * 1000,
        dequeueCount: 0,
      });
    },
    take(leaseMs) {
      const due = byDue()[0];
      if (!due || due.visibleAt > now()) return null;
      due.visibleAt = now() + leaseMs;
      due.dequeueCount += 1;
      const message = decodeMessage(JSON.parse(due.text));
      if ('problems' in message)
        throw new Error(`the app sent a message that it cannot read: ${message.problems.join('; ')}`);
      return { ...due, message };
    },
    done: (id) => void messages.delete(id),
    release: (id, delayMs) => {
      const message = messages.get(id);
      if (message) message.visibleAt = now() + delayMs;
    },
    nextDueAt: () => byDue()[0]?.visibleAt ?? null,
  };
}
