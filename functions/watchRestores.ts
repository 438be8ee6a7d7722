/** Every five minutes: restores that stand still, and the poison queue of the restore app's own account. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { eventsTo, runsRestores, theApp } from './app.ts';

export const watchRestoresHandler =
  (appOf: () => App) => async (_timer: unknown, context: InvocationContext) => {
    await appOf().watchRestores(eventsTo(context));
  };

if (runsRestores)
  app.timer('watchRestores', { schedule: '30 */5 * * * *', handler: watchRestoresHandler(theApp) });
