/** The only function that calls source vaults: takes a run one step further, or captures one object. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { backupQueueName, decodeBackupMessage } from '../shared/domain/jobs.ts';
import { eventsTo, runsBackups, theApp } from './app.ts';
import { isLastDelivery, refuseMessage } from './deliveries.ts';

export const backupJobsHandler = (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
  const events = eventsTo(context);
  const message = decodeBackupMessage(body);
  if ('problems' in message) return refuseMessage(backupQueueName(0), message.problems, context);
  const { job } = message;
  if (job.type === 'advanceRun') return void (await appOf().advanceRun(job, events));
  return void (await appOf().backUpObject({ message, job, last: isLastDelivery(context) }, events));
};

if (runsBackups) {
  app.storageQueue('backupJobs0', {
    queueName: backupQueueName(0),
    connection: 'AzureWebJobsStorage',
    handler: backupJobsHandler(theApp),
  });
}
