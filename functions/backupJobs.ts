/** The only functions that call source vaults, one per shard: take a run one step further, or capture one object. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { decodeBackupMessage, decodeConfigMessage, decodeDiffMessage } from '../shared/domain/jobs.ts';
import { backupQueueName } from '../shared/domain/shards.ts';
import { config, eventsTo, runsBackups, theApp } from './app.ts';
import { isLastDelivery, refuseMessage } from './deliveries.ts';

export const backupJobsHandler =
  (queueName: string, appOf: () => App) => async (body: unknown, context: InvocationContext) => {
    const events = eventsTo(context);
    const diff = decodeDiffMessage(body);
    if (!('problems' in diff)) return void (await appOf().advanceDiff(diff.job, 'source', events));
    const config = decodeConfigMessage(body);
    if (!('problems' in config)) {
      const delivery = { message: config, job: config.job, last: isLastDelivery(context) };
      return void (await appOf().takeConfig(delivery, 'source', events));
    }
    const message = decodeBackupMessage(body);
    if ('problems' in message) return refuseMessage(queueName, message.problems, context);
    const { job } = message;
    if (job.type === 'advanceRun') return void (await appOf().advanceRun(job, events));
    return void (await appOf().backUpObject({ message, job, last: isLastDelivery(context) }, events));
  };

for (let shard = 0; runsBackups && shard < config.shards; shard += 1) {
  const queueName = backupQueueName(shard);
  const handler = backupJobsHandler(queueName, theApp);
  app.storageQueue(`backupJobs${shard}`, { queueName, connection: 'AzureWebJobsStorage', handler });
}
