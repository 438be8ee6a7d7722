/** Every five minutes: vaults whose newest recovery point has no portable copies yet. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { eventsTo, runsPortable, theApp } from './app.ts';

export const copyPortableHandler =
  (appOf: () => App) => async (_timer: unknown, context: InvocationContext) => {
    const started = await appOf().lookForPoints(eventsTo(context));
    for (const [vault, result] of Object.entries(started)) context.log(`${vault}: ${result}`);
  };

if (runsPortable)
  app.timer('copyPortable', { schedule: '30 */5 * * * *', handler: copyPortableHandler(theApp) });
