/** A queue in memory, at least once: delays, leases, dequeue counts and a poison list, on a fake clock. */
import { encodeMessage, type JobMessage } from '../../shared/domain/jobs.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { JobQueue } from '../../shared/ports/jobQueue.ts';

export interface Queued {
  readonly id: number;
  readonly text: string;
  visibleAt: number;
  dequeueCount: number;
}

export interface MemoryQueue<M extends JobMessage> extends JobQueue {
  readonly messages: Map<number, Queued>;
  /** Every message that was ever sent. */
  readonly sent: M[];
  /** The message that is due first, taken under a lease; null if none is due. */
  take(leaseMs: number): (Queued & { message: M }) | null;
  done(id: number): void;
  release(id: number, delayMs: number): void;
  nextDueAt(): number | null;
}

export type Decode<M> = (value: unknown) => M | { problems: string[] };

export function memoryQueue<M extends JobMessage>(clock: Clock, decode: Decode<M>): MemoryQueue<M> {
  const messages = new Map<number, Queued>();
  const sent: M[] = [];
  let ids = 0;
  const now = () => clock.now().getTime();
  const read = (text: string): M => {
    const message = decode(JSON.parse(text));
    if ('problems' in message)
      throw new Error(`the app sent what it cannot read: ${message.problems.join('; ')}`);
    return message;
  };
  const byDue = () => [...messages.values()].sort((a, b) => a.visibleAt - b.visibleAt || a.id - b.id);
  return {
    messages,
    sent,
    async send(message, { delaySeconds = 0 } = {}) {
      ids += 1;
      sent.push(read(encodeMessage(message)));
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
      const message = read(due.text);
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
