/** What the queue of portable copies gave up on becomes a recorded failure, or is sent again if it is a vault's own message. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { decodePortableMessage, portableQueueName } from '../shared/domain/jobs.ts';
import { eventsTo, runsPortable, theApp } from './app.ts';

const queueName = `${portableQueueName}-poison`;

export const portableJobsPoisonHandler =
  (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
    const events = eventsTo(context);
    const message = decodePortableMessage(body);
    if ('problems' in message)
      return events.emit('message.dropped', { queue: queueName, problems: message.problems.join('; ') });
    await appOf().handlePortablePoisoned(message, events);
  };

if (runsPortable) {
  app.storageQueue('portableJobsPoison', {
    queueName,
    connection: 'AzureWebJobsStorage',
    handler: portableJobsPoisonHandler(theApp),
  });
}
