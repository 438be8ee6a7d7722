/** What the queue gave up on becomes a recorded failure, or is sent again if it is a run's own message. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { backupQueueName, decodeBackupMessage } from '../shared/domain/jobs.ts';
import { eventsTo, runsBackups, theApp } from './app.ts';

const queueName = `${backupQueueName(0)}-poison`;

export const backupJobsPoisonHandler =
  (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
    const events = eventsTo(context);
    const message = decodeBackupMessage(body);
    if ('problems' in message) {
      // Nobody can do anything with it: the event is its record, and the queue does not keep it.
      events.emit('message.dropped', { queue: queueName, problems: message.problems.join('; ') });
      return;
    }
    await appOf().handlePoisoned(message, events);
  };

if (runsBackups) {
  app.storageQueue('backupJobs0Poison', {
    queueName,
    connection: 'AzureWebJobsStorage',
    handler: backupJobsPoisonHandler(theApp),
  });
}
