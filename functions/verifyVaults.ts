/** Daily: starts a verification of every vault's backups. Only enqueues; the day's instant names them. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { dailyVerification } from '../shared/domain/verifyShare.ts';
import { eventsTo, runsBackups, theApp } from './app.ts';

export const verifyVaultsHandler =
  (appOf: () => App) => async (_timer: unknown, context: InvocationContext) => {
    await appOf().verifyVaults(eventsTo(context));
  };

if (runsBackups) {
  app.timer('verifyVaults', {
    schedule: dailyVerification,
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: 5,
      minimumInterval: 5_000,
      maximumInterval: 300_000,
    },
    handler: verifyVaultsHandler(theApp),
  });
}
