/** Takes a verification one step further, or checks one part of its blobs. Reads storage, calls no vault. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { decodeVerifyMessage, verifyQueueName } from '../shared/domain/jobs.ts';
import { eventsTo, runsBackups, theApp } from './app.ts';
import { refuseMessage } from './deliveries.ts';

export const verifyJobsHandler = (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
  const events = eventsTo(context);
  const message = decodeVerifyMessage(body);
  if ('problems' in message) return refuseMessage(verifyQueueName, message.problems, context);
  const { job } = message;
  if (job.type === 'advanceVerification') return void (await appOf().advanceVerification(job, events));
  return void (await appOf().verifyBlobs(message, job, events));
};

if (runsBackups) {
  app.storageQueue('verifyJobs', {
    queueName: verifyQueueName,
    connection: 'AzureWebJobsStorage',
    handler: verifyJobsHandler(theApp),
  });
}
