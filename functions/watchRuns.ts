/** Every five minutes: runs that stand still, poisoned messages, stale backups, and a sign of life. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { eventsTo, runsBackups, theApp } from './app.ts';

export const watchRunsHandler = (appOf: () => App) => async (_timer: unknown, context: InvocationContext) => {
  await appOf().watchRuns(eventsTo(context));
};

if (runsBackups) app.timer('watchRuns', { schedule: '0 */5 * * * *', handler: watchRunsHandler(theApp) });
