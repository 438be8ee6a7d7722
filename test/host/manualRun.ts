/**
 * A run asked for by `POST /admin/functions/<fn>` (or `LocalHost.invoke`): a timer gets its current status and no
 * retries, a queue function gets the input as a message's text without id or receipt. HTTP functions have their URL.
 */
import type { Execute } from './executor.ts';
import type { AppFunction } from './functionCatalog.ts';
import { adminTriggerMetadata } from './queueMessage.ts';
import { timerInfo } from './timerListener.ts';
import type { TimerStatusStore } from './timerStatus.ts';

const REASON = 'This function was programmatically called via the host APIs.';

export async function runManually(
  fn: AppFunction,
  input: string | undefined,
  execute: Execute,
  store: TimerStatusStore,
): Promise<void> {
  switch (fn.type) {
    case 'timer': {
      const status = fn.useMonitor ? await store.read(fn.name) : undefined;
      await execute({ fn, reason: REASON, data: timerInfo(status, false) });
      break;
    }
    case 'queue': {
      const body = input ?? '';
      const data = fn.binary ? { bytes: Buffer.from(body) } : { string: body };
      await execute({ fn, reason: REASON, data, triggerMetadata: adminTriggerMetadata(body) });
      break;
    }
    case 'http':
      throw new Error(`Function ${fn.name} has an HTTP trigger: send a request to its URL.`);
  }
}
