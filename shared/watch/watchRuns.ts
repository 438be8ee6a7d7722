/**
 * Looks after everything that nobody else would notice: runs that stand still, messages of shards that are gone, the
 * poison queues, vaults whose last complete backup is older than their schedule, last copies about to expire,
 * verifications, drills and portable copies that do not come. Changes nothing but sending a run's own message again; says what it finds as events, and that it is alive, so that silence
 * is an alarm too.
 */

import type { BackupDeps } from '../backup/deps.ts';
import { readVaultState } from '../backup/runStore.ts';
import { advanceRunMessage } from '../backup/startRun.ts';
import type { Plan, PlanVault } from '../domain/plans.ts';
import { listPoints } from '../engine/catalog.ts';
import type { JobQueue, PoisonQueues } from '../ports/jobQueue.ts';
import { lastCopyExpiresIn, staleness } from './staleness.ts';
import { watchDrill } from './watchDrills.ts';
import { watchPortable } from './watchPortable.ts';
import { watchVerification } from './watchVerifications.ts';

export interface WatchDeps
  extends Pick<
    BackupDeps,
    'clock' | 'events' | 'backups' | 'state' | 'audit' | 'queueOf' | 'strays' | 'settings'
  > {
  readonly plans: readonly Plan[];
  readonly poison: PoisonQueues;
  readonly verifyQueue: JobQueue;
}

const dayMs = 86_400_000;
/** A last copy is called out this long before it expires: time to find out why there is no newer one. */
const warnDays = 14;

export async function watchRuns(deps: WatchDeps): Promise<void> {
  const vaults = deps.plans.flatMap((plan) => plan.vaults.map((vault) => ({ plan, vault })));
  const errors: unknown[] = [];
  let looks = 0;
  const attempt = async (look: () => Promise<void>) => {
    looks += 1;
    try {
      await look();
    } catch (error) {
      errors.push(error);
    }
  };
  await attempt(() => moveStrays(deps));
  await attempt(() => countPoison(deps));
  for (const { plan, vault } of vaults) {
    await attempt(() => watchVault(plan, vault, deps));
    await attempt(() => watchVerification(plan, vault, deps));
    await attempt(() => watchDrill(plan, vault, deps));
    await attempt(() => watchPortable(plan, vault, deps));
  }
  // One vault's trouble hides no other's; but a watch that could not look is no sign of life.
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${looks} looks failed`);
  deps.events.emit('watch.alive', { vaults: vaults.length });
}

async function moveStrays(deps: WatchDeps): Promise<void> {
  const moved = await deps.strays.move();
  if (moved > 0) deps.events.emit('messages.moved', { moved });
}

/** Also of the portable app, whose queues lie in a storage account of its own. */
export async function countPoison(deps: Pick<WatchDeps, 'poison' | 'events'>): Promise<void> {
  for (const { queue, count } of await deps.poison.counts()) {
    if (count > 0) deps.events.emit('poison.found', { queue, count });
  }
}

async function watchVault(plan: Plan, vault: PlanVault, deps: WatchDeps): Promise<void> {
  const now = deps.clock.now();
  const { run } = await readVaultState(deps.state, vault.name);
  const standsStillMs = run ? now.getTime() - Date.parse(run.nextAt) : 0;
  if (run && standsStillMs > deps.settings.messageLeaseMs) {
    await deps.queueOf(vault.name).send(advanceRunMessage(vault.name, run.runId));
    deps.events.emit('run.stalled', {
      vault: vault.name,
      plan: plan.name,
      runId: run.runId,
      step: run.step,
      seconds: Math.round(standsStillMs / 1000),
    });
  }
  const entries = await listPoints(vault.name, deps);
  const points = entries.map(({ runId, status, facts }) => ({ runId, status, sealedAt: facts.lastModified }));
  const stale = staleness(plan, points, now);
  if (stale) deps.events.emit('backup.stale', { vault: vault.name, plan: plan.name, ...stale });
  const left = lastCopyExpiresIn(points, now, deps.settings.retentionDays * dayMs, warnDays * dayMs);
  if (left !== null)
    deps.events.emit('lastCopy.expiring', { vault: vault.name, plan: plan.name, secondsLeft: left });
}
