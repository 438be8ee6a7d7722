/**
 * Starts the vaults of a plan independently of each other: one vault's trouble must not cost the others their night.
 * For a tick, every vault is tried before the first error is thrown for the timer's retry policy; a retry names the
 * same run and so starts nothing twice.
 */
import type { Plan, PlanVault } from '../domain/plans.ts';
import type { RunId } from '../domain/runId.ts';
import { runIdForTick } from '../domain/schedule.ts';
import type { BackupDeps } from './deps.ts';
import { type StartResult, startRun } from './startRun.ts';

export interface VaultStart {
  readonly plan: Plan;
  readonly vault: PlanVault;
  readonly full: boolean;
}

export interface VaultStarted {
  readonly vault: string;
  readonly result: StartResult | { readonly outcome: 'error'; readonly error: unknown };
}

export async function startPlan(plan: Plan, deps: BackupDeps): Promise<VaultStarted[]> {
  const runId = runIdForTick(plan.schedule, deps.clock.now());
  if (runId === null) return [];
  await moveStrays(deps);
  const started = await startAll(
    plan.vaults.map((vault) => ({ plan, vault, full: false })),
    runId,
    deps,
  );
  const errors = started.flatMap(({ result }) => (result.outcome === 'error' ? [result.error] : []));
  if (errors.length > 0)
    throw new AggregateError(
      errors,
      `${errors.length} of ${started.length} vaults of plan ${plan.name} could not be started`,
    );
  return started;
}

/** A manual start: each vault's run is named by the next free second. */
export async function startVaults(starts: readonly VaultStart[], deps: BackupDeps): Promise<VaultStarted[]> {
  await moveStrays(deps);
  return startAll(starts, null, deps);
}

/** After the number of shards was made smaller: until the watch does it, every start of a plan looks for them. */
async function moveStrays(deps: BackupDeps): Promise<void> {
  try {
    const moved = await deps.strays.move();
    if (moved > 0) deps.events.emit('messages.moved', { moved });
  } catch (error) {
    // Whoever is to start must not fail over it; the next start looks again.
    deps.events.emit('messages.unmoved', { reason: error instanceof Error ? error.message : String(error) });
  }
}

function startAll(
  starts: readonly VaultStart[],
  runId: RunId | null,
  deps: BackupDeps,
): Promise<VaultStarted[]> {
  return Promise.all(
    starts.map(async (start) => {
      try {
        return { vault: start.vault.name, result: await startRun({ ...start, runId }, deps) };
      } catch (error) {
        return { vault: start.vault.name, result: { outcome: 'error' as const, error } };
      }
    }),
  );
}
