/** What the restore queue gave up on becomes a recorded failure, or is sent again if it is a restore's own message. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import {
  decodeConfigMessage,
  decodeDiffMessage,
  decodeRestoreMessage,
  restoreQueueName,
} from '../shared/domain/jobs.ts';
import { eventsTo, runsRestores, theApp } from './app.ts';

const queueName = `${restoreQueueName}-poison`;

export const restoreJobsPoisonHandler =
  (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
    const events = eventsTo(context);
    const diff = decodeDiffMessage(body);
    if (!('problems' in diff)) return void (await appOf().handlePoisonedDiff(diff.job, events));
    const config = decodeConfigMessage(body);
    if (!('problems' in config)) return appOf().handlePoisonedConfig(config.job, events);
    const message = decodeRestoreMessage(body);
    if ('problems' in message)
      return events.emit('message.dropped', { queue: queueName, problems: message.problems.join('; ') });
    await appOf().handleRestorePoisoned(message, events);
  };

if (runsRestores) {
  app.storageQueue('restoreJobsPoison', {
    queueName,
    connection: 'AzureWebJobsStorage',
    handler: restoreJobsPoisonHandler(theApp),
  });
}
