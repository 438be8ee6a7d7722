/** What a shard's queue gave up on becomes a recorded failure, or is sent again if it is a run's own message. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { decodeBackupMessage, decodeConfigMessage, decodeDiffMessage } from '../shared/domain/jobs.ts';
import { backupQueueName } from '../shared/domain/shards.ts';
import { config, eventsTo, runsBackups, theApp } from './app.ts';

export const backupJobsPoisonHandler =
  (queue: string, appOf: () => App) => async (body: unknown, context: InvocationContext) => {
    const events = eventsTo(context);
    const diff = decodeDiffMessage(body);
    if (!('problems' in diff)) return void (await appOf().handlePoisonedDiff(diff.job, events));
    const config = decodeConfigMessage(body);
    if (!('problems' in config)) return appOf().handlePoisonedConfig(config.job, events);
    const message = decodeBackupMessage(body);
    // Nobody can do anything with it: the event is its record, and the queue does not keep it.
    if ('problems' in message)
      return events.emit('message.dropped', { queue, problems: message.problems.join('; ') });
    await appOf().handlePoisoned(message, events);
  };

for (let shard = 0; runsBackups && shard < config.shards; shard += 1) {
  const queueName = `${backupQueueName(shard)}-poison`;
  const handler = backupJobsPoisonHandler(queueName, theApp);
  app.storageQueue(`backupJobs${shard}Poison`, { queueName, connection: 'AzureWebJobsStorage', handler });
}
