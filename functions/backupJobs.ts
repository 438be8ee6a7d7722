/** The only function that calls source vaults: takes a run one step further, or captures one object. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { backupQueueName, decodeBackupMessage } from '../shared/domain/jobs.ts';
import { eventsTo, runsBackups, theApp } from './app.ts';

/** As in host.json: the delivery after which the queue gives up. */
const maxDequeueCount = 5;

export const backupJobsHandler = (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
  const events = eventsTo(context);
  const message = decodeBackupMessage(body);
  if ('problems' in message) {
    events.emit('message.invalid', {
      queue: backupQueueName(0),
      id: JSON.stringify(context.triggerMetadata?.['id'] ?? null),
      problems: message.problems.join('; '),
    });
    throw new Error('the message is not a job; after its last delivery it goes to the poison queue');
  }
  const { job } = message;
  if (job.type === 'advanceRun') return void (await appOf().advanceRun(job, events));
  const last = Number(context.triggerMetadata?.['dequeueCount'] ?? 1) >= maxDequeueCount;
  return void (await appOf().backUpObject({ message, job, last }, events));
};

if (runsBackups) {
  app.storageQueue('backupJobs0', {
    queueName: backupQueueName(0),
    connection: 'AzureWebJobsStorage',
    handler: backupJobsHandler(theApp),
  });
}
