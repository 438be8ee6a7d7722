/** Looks after the daily verification of a vault: one that stands still is nudged, one that never came is called out. */
import { parseVerificationStateName, verificationStatesOf } from '../domain/blobNames.ts';
import type { Plan, PlanVault } from '../domain/plans.ts';
import { listPoints } from '../engine/catalog.ts';
import { listVerifications, newestThorough } from '../engine/verifications.ts';
import type { JobQueue } from '../ports/jobQueue.ts';
import { advanceVerificationMessage } from '../verify/startVerification.ts';
import { readVerifyState } from '../verify/verifyStore.ts';
import type { WatchDeps } from './watchRuns.ts';

export type VerificationWatchDeps = Pick<
  WatchDeps,
  'clock' | 'events' | 'backups' | 'state' | 'settings' | 'audit'
> & { readonly verifyQueue: JobQueue };

/** Two days: one that was missed, and the next one's deadline. */
const overdueAfterMs = 48 * 3_600_000;
/** Past the deadline of every verification its state is no news, and lies there until storage deletes it. */
const openAtMostMs = 24 * 3_600_000;

export async function watchVerification(
  plan: Plan,
  vault: PlanVault,
  deps: VerificationWatchDeps,
): Promise<void> {
  const now = deps.clock.now().getTime();
  await nudge(vault.name, now, deps);
  const last = newestThorough(await listVerifications(vault.name, deps));
  // Of a vault that was never verified, its oldest point has waited that long.
  const since = last
    ? Date.parse(last.facts.ended)
    : (await listPoints(vault.name, deps))[0]?.facts.lastModified.getTime();
  if (since === undefined || now - since <= overdueAfterMs) return;
  deps.events.emit('verification.overdue', {
    vault: vault.name,
    plan: plan.name,
    last: last?.id ?? null,
    seconds: Math.round((now - since) / 1000),
  });
}

/** The day's, and those that somebody asked for. */
async function nudge(vault: string, now: number, deps: VerificationWatchDeps): Promise<void> {
  for await (const { name, lastModified } of deps.state.list(verificationStatesOf(vault))) {
    const id = parseVerificationStateName(vault, name);
    if (!id || now - lastModified.getTime() > openAtMostMs) continue;
    const found = await readVerifyState(id, deps);
    if (!found || found.verification.step === 'ended') continue;
    const standsStillMs = now - Date.parse(found.verification.nextAt);
    if (standsStillMs <= deps.settings.messageLeaseMs) continue;
    await deps.verifyQueue.send(advanceVerificationMessage(id));
    const seconds = Math.round(standsStillMs / 1000);
    deps.events.emit('verification.stalled', { id, vault, step: found.verification.step, seconds });
  }
}
