/** The only function that calls target vaults: takes a restore or a drill one step further, or brings one object back. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import {
  decodeConfigMessage,
  decodeDiffMessage,
  decodeRestoreMessage,
  restoreQueueName,
} from '../shared/domain/jobs.ts';
import { eventsTo, runsRestores, theApp } from './app.ts';
import { isLastDelivery, refuseMessage } from './deliveries.ts';

export const restoreJobsHandler = (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
  const events = eventsTo(context);
  const diff = decodeDiffMessage(body);
  if (!('problems' in diff)) return void (await appOf().advanceDiff(diff.job, 'target', events));
  const config = decodeConfigMessage(body);
  if (!('problems' in config)) {
    const delivery = { message: config, job: config.job, last: isLastDelivery(context) };
    return void (await appOf().takeConfig(delivery, 'target', events));
  }
  const message = decodeRestoreMessage(body);
  if ('problems' in message) return refuseMessage(restoreQueueName, message.problems, context);
  const { job } = message;
  if (job.type === 'advanceRestore') return void (await appOf().advanceRestore(job, events));
  if (job.type === 'advanceDrill') return void (await appOf().advanceDrill(message, job, events));
  return void (await appOf().restoreObject({ message, job, last: isLastDelivery(context) }, events));
};

if (runsRestores) {
  app.storageQueue('restoreJobs', {
    queueName: restoreQueueName,
    connection: 'AzureWebJobsStorage',
    handler: restoreJobsHandler(theApp),
  });
}
