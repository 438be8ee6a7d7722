/**
 * The retry option of a function, for timers (`FunctionExecutor` of webjobs-sdk): the same invocation again, in the same
 * instance, with a `retryContext` from the second attempt on. Queue functions have dequeue counts instead.
 */
import type { Alarm } from './alarm.ts';
import { createBackoff } from './backoff.ts';
import { InvocationFailed, messageOf } from './errors.ts';
import type { RetryContext, RetryOptions } from './rpc.ts';

export async function withRetries<T>(
  options: RetryOptions | undefined,
  alarm: Alarm,
  attempt: (retryContext: RetryContext | undefined) => Promise<T>,
): Promise<T> {
  const maxRetryCount = options?.maxRetryCount ?? 0;
  const delay = delays(options);
  let context: RetryContext | undefined;
  for (let retryCount = 1; ; retryCount++) {
    try {
      return await attempt(context);
    } catch (error) {
      const exhausted = maxRetryCount !== -1 && retryCount > maxRetryCount; // -1: for ever
      if (options === undefined || exhausted || alarm.closed) throw error;
      const exception =
        error instanceof InvocationFailed ? error.exception : { message: messageOf(error), stackTrace: '' };
      context = { retryCount, maxRetryCount, exception };
      await alarm.wait(delay());
      if (alarm.closed) throw error;
    }
  }
}

function delays(options: RetryOptions | undefined): () => number {
  if (options?.retryStrategy !== 'exponentialBackoff') {
    return () => (options?.delayInterval?.seconds ?? 0) * 1000;
  }
  const minimumMs = (options.minimumInterval?.seconds ?? 0) * 1000;
  const backoff = createBackoff(minimumMs, (options.maximumInterval?.seconds ?? 0) * 1000);
  return backoff.next;
}
