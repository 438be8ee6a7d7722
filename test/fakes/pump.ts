/**
 * Plays the queue trigger: leases, dequeue counts, poison. Time jumps to the next message, so hours pass in
 * milliseconds. A dead process's message is neither deleted nor released, and comes back when its lease ends.
 */
import type { JobMessage } from '../../shared/domain/jobs.ts';
import type { Crashes } from './crashes.ts';
import type { FakeClock } from './fakeClock.ts';
import type { MemoryQueue } from './memoryQueue.ts';

export const leaseMs = 600_000;
const retryDelayMs = 30_000;
const maxDequeueCount = 5;
const mostSteps = 20_000;

export interface Pump {
  /** What deliveries failed with. */
  readonly errors: unknown[];
  /** Delivers one due message, or moves time to the next one; false if the queue is empty. */
  step(): Promise<boolean>;
  /** Until the queue is empty; a bounded number of deliveries. */
  drain(): Promise<void>;
  /** Until this holds; rejects if the queue is empty before it does. */
  stepUntil(holds: () => Promise<boolean>): Promise<void>;
}

export interface Pumped<M extends JobMessage> {
  readonly clock: FakeClock;
  readonly queue: MemoryQueue<M>;
  readonly crashes: Crashes;
  /** What the queue function does with a delivery. */
  handle(message: M, last: boolean): Promise<unknown>;
  /** What the function of the poison queue does. */
  poisoned(message: M): Promise<unknown>;
}

export function createPump<M extends JobMessage>({
  clock,
  queue,
  crashes,
  handle,
  poisoned,
}: Pumped<M>): Pump {
  const errors: unknown[] = [];
  async function deliver(): Promise<boolean> {
    const taken = queue.take(leaseMs);
    if (!taken) return false;
    const { message, dequeueCount } = taken;
    const last = dequeueCount >= maxDequeueCount;
    try {
      if (dequeueCount > maxDequeueCount) await poisoned(message);
      else await handle(message, last);
      if (!crashes.isDead()) queue.done(taken.id);
    } catch (error) {
      errors.push(error);
      // After the last delivery the next one is that of the poison queue.
      if (!crashes.isDead()) queue.release(taken.id, last ? 0 : retryDelayMs);
    }
    if (crashes.isDead()) crashes.survive();
    return true;
  }

  const pump: Pump = {
    errors,
    async step() {
      if (await deliver()) return true;
      const dueAt = queue.nextDueAt();
      if (dueAt === null) return false;
      clock.advance(dueAt - clock.now().getTime());
      return true;
    },
    async drain() {
      for (let steps = 0; steps < mostSteps; steps += 1) if (!(await pump.step())) return;
      throw new Error('the queue never became empty');
    },
    async stepUntil(holds) {
      while (!(await holds()))
        if (!(await pump.step())) throw new Error('the queue is empty, and it never held');
    },
  };
  return pump;
}
