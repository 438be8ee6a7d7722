/** One timer per plan: a tick starts the plan's vaults. The schedule's instant names the runs, not the tick's time. */
import { app, type InvocationContext } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import type { Plan } from '../shared/domain/plans.ts';
import { config, eventsTo, runsBackups, theApp } from './app.ts';

export const runPlanHandler =
  (plan: Plan, appOf: () => App) => async (_timer: unknown, context: InvocationContext) => {
    const started = await appOf().runPlan(plan, eventsTo(context));
    for (const { vault, result } of started) context.log(`${vault}: ${result.outcome}`);
  };

if (runsBackups) {
  for (const plan of config.plans) {
    app.timer(`runPlan-${plan.name}`, {
      schedule: plan.schedule.text,
      // A tick whose vaults could not all be started comes again; the run id makes that harmless.
      retry: {
        strategy: 'exponentialBackoff',
        maxRetryCount: 5,
        minimumInterval: 5_000,
        maximumInterval: 300_000,
      },
      handler: runPlanHandler(plan, theApp),
    });
  }
}
