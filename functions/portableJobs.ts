/** The only function that reads values: takes the portable copies of a vault one step further, or copies one object. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { decodePortableMessage, portableQueueName } from '../shared/domain/jobs.ts';
import { eventsTo, runsPortable, theApp } from './app.ts';
import { isLastDelivery, refuseMessage } from './deliveries.ts';

export const portableJobsHandler =
  (appOf: () => App) => async (body: unknown, context: InvocationContext) => {
    const events = eventsTo(context);
    const message = decodePortableMessage(body);
    if ('problems' in message) return refuseMessage(portableQueueName, message.problems, context);
    const { job } = message;
    if (job.type === 'advancePortable') return void (await appOf().advancePortable(job, events));
    return void (await appOf().copyObject({ message, job, last: isLastDelivery(context) }, events));
  };

if (runsPortable) {
  app.storageQueue('portableJobs', {
    queueName: portableQueueName,
    connection: 'AzureWebJobsStorage',
    handler: portableJobsHandler(theApp),
  });
}
