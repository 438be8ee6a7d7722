/** The queue of backup jobs. At least once, in no order, and possibly late: jobs must bear all of it. */
import type { JobMessage } from '../domain/jobs.ts';

export interface SendOptions {
  /** Invisible this long; whole seconds, 7 days at most. */
  readonly delaySeconds?: number;
  /** Kept until it is processed, instead of the service's 7 days. */
  readonly neverExpires?: boolean;
}

export interface JobQueue {
  send(message: JobMessage, options?: SendOptions): Promise<void>;
}

/** The queues of shards that are gone, after their number was made smaller. */
export interface StrayQueues {
  /** Hands each visible message to the queue it belongs to now, a bounded number at a time; gives how many. */
  move(): Promise<number>;
}

export interface PoisonQueues {
  /** How many messages lie in each poison queue of this app, those that no function can read among them. */
  counts(): Promise<{ queue: string; count: number }[]>;
}
