/** Daily: whether the backups' retention policy is locked and long enough. Reads the control plane, calls no vault. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { eventsTo, runsBackups, theApp } from './app.ts';

export const checkRetentionHandler =
  (appOf: () => App) => async (_timer: unknown, context: InvocationContext) => {
    await appOf().checkRetention(eventsTo(context));
  };

if (runsBackups)
  app.timer('checkRetention', { schedule: '0 45 5 * * *', handler: checkRetentionHandler(theApp) });
