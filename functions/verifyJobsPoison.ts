/** What the verification queue gave up on counts as unchecked, or is sent again if it is a verification's own message. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { decodeVerifyMessage, verifyQueueName } from '../shared/domain/jobs.ts';
import { eventsTo, runsBackups, theApp } from './app.ts';

const queueName = `${verifyQueueName}-poison`;

export const verifyJobsPoisonHandler =
  (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
    const events = eventsTo(context);
    const message = decodeVerifyMessage(body);
    if ('problems' in message)
      return events.emit('message.dropped', { queue: queueName, problems: message.problems.join('; ') });
    await appOf().handleVerifyPoisoned(message, events);
  };

if (runsBackups) {
  app.storageQueue('verifyJobsPoison', {
    queueName,
    connection: 'AzureWebJobsStorage',
    handler: verifyJobsPoisonHandler(theApp),
  });
}
