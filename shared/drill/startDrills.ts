/** Asks for drills: of a plan at its instant, or of one vault now; and nudges one that stands still. Only enqueues. */
import type { DrillOrder } from '../domain/drill.ts';
import { RequestRefused } from '../domain/errors.ts';
import type { Plan } from '../domain/plans.ts';
import { runIdOf } from '../domain/runId.ts';
import { runIdForTick } from '../domain/schedule.ts';
import { advanceDrillMessage } from './advanceDrill.ts';
import type { DrillDeps } from './deps.ts';
import { readHeld } from './drillStore.ts';

/** A drill may wait this long for its scratch vault. */
const mostWaitMs = 12 * 3_600_000;

const notAfter = (deps: DrillDeps) => new Date(deps.clock.now().getTime() + mostWaitMs).toISOString();

/** The schedule's instant names the drills, so that a timer that fires twice asks for the same ones. */
export async function startDrills(plan: Plan, deps: DrillDeps): Promise<DrillOrder[]> {
  if (!plan.drill) return [];
  const { schedule, target } = plan.drill;
  const id = runIdForTick(schedule, deps.clock.now());
  if (!id) return [];
  const orders = plan.vaults.map(({ name }) => ({ vault: name.toLowerCase(), id, plan: plan.name, target }));
  for (const order of orders) await deps.queue.send(advanceDrillMessage(order, notAfter(deps)));
  return orders;
}

export async function requestDrill(vault: string, plan: Plan | null, deps: DrillDeps): Promise<DrillOrder> {
  if (!plan) {
    throw new RequestRefused(
      'notFound',
      `vault: no plan has the vault ${vault}`,
      'Name a vault of a plan in BACKUP_PLANS.',
    );
  }
  if (!plan.drill) {
    throw new RequestRefused(
      'invalid',
      `vault: the plan ${plan.name} of ${vault} has no drill`,
      'Give the plan a drill: {"schedule": "…", "target": "a scratch vault"}.',
    );
  }
  const id = runIdOf(deps.clock.now());
  const order = { vault: vault.toLowerCase(), id, plan: plan.name, target: plan.drill.target };
  await deps.queue.send(advanceDrillMessage(order, notAfter(deps)));
  return order;
}

/** A drill whose message was lost holds up every other of its scratch vault. */
export async function watchDrills(plans: readonly Plan[], deps: DrillDeps): Promise<void> {
  const targets = new Set(plans.flatMap(({ drill }) => (drill ? [drill.target.toLowerCase()] : [])));
  for (const target of targets) {
    const { drill } = await readHeld(target, deps);
    const standsStillMs = drill ? deps.clock.now().getTime() - Date.parse(drill.nextAt) : 0;
    if (!drill || standsStillMs <= deps.settings.messageLeaseMs) continue;
    await deps.queue.send({ ...advanceDrillMessage(drill.order, drill.deadline), notAfter: null });
    const { vault, plan, id } = drill.order;
    const seconds = Math.round(standsStillMs / 1000);
    deps.events.emit('drill.stalled', { vault, plan, id, target, step: drill.step, seconds });
  }
}
