/** What the queue functions share: when a delivery is the last, and what becomes of a message that is no job. */
import type { InvocationContext } from '@azure/functions';
import { eventsTo } from './app.ts';

/** As in host.json: the delivery after which the queue gives up. */
const maxDequeueCount = 5;

export const isLastDelivery = (context: InvocationContext): boolean =>
  Number(context.triggerMetadata?.['dequeueCount'] ?? 1) >= maxDequeueCount;

export function refuseMessage(queue: string, problems: readonly string[], context: InvocationContext): never {
  const id = JSON.stringify(context.triggerMetadata?.['id'] ?? null);
  eventsTo(context).emit('message.invalid', { queue, id, problems: problems.join('; ') });
  throw new Error('the message is not a job; after its last delivery it goes to the poison queue');
}
