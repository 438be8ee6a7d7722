/**
 * Portable copies that were due and did not come are an alarm. Read from the backups container, because the app that
 * should have made them may be dead: this is another one.
 */
import type { Plan, PlanVault } from '../domain/plans.ts';
import { portableStanding } from '../engine/portableStanding.ts';
import type { WatchDeps } from './watchRuns.ts';

export async function watchPortable(
  plan: Plan,
  vault: PlanVault,
  deps: Pick<WatchDeps, 'clock' | 'events' | 'backups' | 'settings'>,
): Promise<void> {
  const standing = await portableStanding(plan, vault.name, {
    ...deps,
    retentionDays: deps.settings.retentionDays,
  });
  if (!standing?.overdue) return;
  const last = standing.latest?.runId ?? null;
  deps.events.emit('portable.overdue', { vault: vault.name, plan: plan.name, last, ...standing.overdue });
}
