/**
 * A drill that was due and did not run is an alarm. Read from the audit container, because the app that should have run
 * it may be dead: this is the other app.
 */
import { drillStartedName } from '../domain/blobNames.ts';
import type { Plan, PlanVault } from '../domain/plans.ts';
import { instantOf, runIdOf } from '../domain/runId.ts';
import { listPoints } from '../engine/catalog.ts';
import { listDrills } from '../engine/drills.ts';
import type { WatchDeps } from './watchRuns.ts';

/** A drill may wait half a day for its scratch vault, and then takes four hours at most. */
const graceMs = 17 * 3_600_000;

export async function watchDrill(
  plan: Plan,
  vault: PlanVault,
  deps: Pick<WatchDeps, 'clock' | 'events' | 'audit' | 'backups'>,
): Promise<void> {
  if (!plan.drill) return;
  const now = deps.clock.now().getTime();
  const due = plan.drill.schedule.latestAtOrBefore(new Date(now - graceMs));
  if (!due) return;
  // Before there was anything to restore no drill was due.
  const oldest = (await listPoints(vault.name, deps))[0];
  if (!oldest || oldest.facts.lastModified.getTime() > due.getTime()) return;
  const last = (await listDrills(vault.name, deps)).at(-1);
  if (last && last.id >= runIdOf(due)) return;
  const begun = await deps.audit.facts(drillStartedName(vault.name, runIdOf(due)));
  deps.events.emit('drill.overdue', {
    vault: vault.name,
    plan: plan.name,
    due: runIdOf(due),
    begun: begun !== null,
    last: last?.id ?? null,
    seconds: last ? Math.round((now - (instantOf(last.id)?.getTime() ?? now)) / 1000) : null,
  });
}
