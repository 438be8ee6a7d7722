/** One timer per plan that has a drill, and one that nudges a drill that stands still. Both only enqueue. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import type { Plan } from '../shared/domain/plans.ts';
import { config, eventsTo, runsRestores, theApp } from './app.ts';

export const runDrillsHandler =
  (plan: Plan, appOf: () => App) => async (_timer: unknown, context: InvocationContext) => {
    const orders = await appOf().startDrills(plan, eventsTo(context));
    for (const { vault, id, target } of orders) context.log(`${vault}: drill ${id} in ${target}`);
  };

export const watchDrillsHandler =
  (appOf: () => App) => async (_timer: unknown, context: InvocationContext) => {
    await appOf().watchDrills(eventsTo(context));
  };

const drilled = runsRestores ? config.plans.filter(({ drill }) => drill !== null) : [];
for (const plan of drilled) {
  app.timer(`runDrills-${plan.name}`, {
    schedule: plan.drill?.schedule.text ?? '',
    // A tick that could not ask for every drill comes again; the drill's id makes that harmless.
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: 5,
      minimumInterval: 5_000,
      maximumInterval: 300_000,
    },
    handler: runDrillsHandler(plan, theApp),
  });
}
if (drilled.length > 0)
  app.timer('watchDrills', { schedule: '30 */5 * * * *', handler: watchDrillsHandler(theApp) });
