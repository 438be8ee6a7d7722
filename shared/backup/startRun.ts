/**
 * Starts a run, or says why not. Order: the message that becomes visible at the deadline, then the state, then the
 * message for now. Whatever dies in between, the run ends; fired again for the same instant, the last message is sent
 * again and nothing else happens.
 */
import { recoveryPointBlobName } from '../domain/blobNames.ts';
import type { JobMessage } from '../domain/jobs.ts';
import type { Plan, PlanVault } from '../domain/plans.ts';
import { noRequests } from '../domain/recoveryPoint.ts';
import { instantOf, type RunId, runIdOf } from '../domain/runId.ts';
import type { RunState } from '../domain/runState.ts';
import type { BackupDeps } from './deps.ts';
import { type HeldState, readVaultState, replaceVaultState } from './runStore.ts';

/** Beyond this, run ids and chain checks would lie: `startRun` refuses. */
const largestClockDifferenceMs = 2 * 60_000;
/** A run that is this long past its `nextAt` has lost its message, or is in a long step; being nudged harms neither. */
const stalledAfterMs = 30_000;
/** Attempts to win the state blob; each loss means that somebody else changed it. */
const attempts = 3;

export interface StartRequest {
  readonly plan: Plan;
  readonly vault: PlanVault;
  /** The schedule's instant for a timer, or null for a manual run: the next free second. */
  readonly runId: RunId | null;
  readonly full: boolean;
}

export type StartResult =
  | { readonly outcome: 'started' | 'alreadyStarted' | 'alreadySealed'; readonly runId: RunId }
  | { readonly outcome: 'busy'; readonly runId: RunId }
  | { readonly outcome: 'refused'; readonly reason: string; readonly hint: string };

export async function startRun(request: StartRequest, deps: BackupDeps): Promise<StartResult> {
  const refusal = (await clockRefusal(deps)) ?? (await storageRefusal(request, deps));
  if (refusal) {
    deps.events.emit('run.refused', {
      vault: request.vault.name,
      plan: request.plan.name,
      reason: refusal.reason,
    });
    return refusal;
  }
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const result = await tryToStart(request, deps);
    if (result) return result;
  }
  return {
    outcome: 'refused',
    reason: 'the state of the vault kept changing',
    hint: 'Try again in a minute.',
  };
}

/** Null if somebody else changed the state meanwhile. */
async function tryToStart(request: StartRequest, deps: BackupDeps): Promise<StartResult | null> {
  const { vault } = request;
  const held = await readVaultState(deps.state, vault.name);
  const runId = request.runId ?? (await nextFreeSecond(vault.name, held, deps));
  if (held.run) return whileAnotherRuns(held.run, runId, request, deps);
  // Read after the state: a run is cleared from the state only once its recovery point is there.
  if (await deps.backups.facts(recoveryPointBlobName(vault.name, runId)))
    return { outcome: 'alreadySealed', runId };

  const run = newRun(request, runId, deps);
  const queue = deps.queueOf(vault.name);
  const secondsToDeadline = (Date.parse(run.deadline) - deps.clock.now().getTime()) / 1000;
  await queue.send(advanceRunMessage(vault.name, runId), {
    delaySeconds: secondsToDeadline,
    neverExpires: true,
  });
  if (!(await replaceVaultState(deps.state, vault.name, { run, lastRunId: runId }, held.etag))) return null;
  await queue.send(advanceRunMessage(vault.name, runId));
  deps.events.emit('run.started', {
    vault: vault.name,
    plan: run.plan,
    runId,
    trigger: run.trigger,
    deadline: run.deadline,
  });
  return { outcome: 'started', runId };
}

async function whileAnotherRuns(
  active: RunState,
  runId: RunId,
  request: StartRequest,
  deps: BackupDeps,
): Promise<StartResult> {
  const { vault } = request;
  const stalledMs = deps.clock.now().getTime() - Date.parse(active.nextAt);
  if (active.runId === runId || stalledMs > Math.min(stalledAfterMs, deps.settings.messageLeaseMs)) {
    await deps.queueOf(vault.name).send(advanceRunMessage(vault.name, active.runId));
  }
  if (active.runId === runId) return { outcome: 'alreadyStarted', runId };
  deps.events.emit('run.skipped', {
    vault: vault.name,
    plan: request.plan.name,
    runId,
    busyWith: active.runId,
  });
  return { outcome: 'busy', runId: active.runId };
}

async function nextFreeSecond(vault: string, held: HeldState, deps: BackupDeps): Promise<RunId> {
  const now = deps.clock.now().getTime();
  const last = held.lastRunId ? (instantOf(held.lastRunId)?.getTime() ?? 0) : 0;
  for (let second = Math.floor(now / 1000) * 1000; ; second += 1000) {
    const runId = runIdOf(new Date(second));
    // A timer run may have been named up to 30 s ahead: a bounded walk past names that are taken.
    if (second === last || (await deps.backups.facts(recoveryPointBlobName(vault, runId)))) continue;
    return runId;
  }
}

function newRun(
  { plan, vault, runId: timerRunId, full }: StartRequest,
  runId: RunId,
  deps: BackupDeps,
): RunState {
  const now = deps.clock.now();
  const startedAt = now.toISOString();
  return {
    vault: vault.name,
    vaultUrl: vault.url,
    plan: plan.name,
    justification: plan.justification,
    runId,
    trigger: timerRunId === null ? 'manual' : 'timer',
    full,
    include: [...plan.include],
    exclude: [...plan.exclude],
    maxDropPercent: plan.maxDropPercent,
    startedAt,
    deadline: new Date(now.getTime() + plan.deadlineMinutes * 60_000).toISOString(),
    step: 'list',
    nextAt: startedAt,
    region: null,
    listed: null,
    listTries: 0,
    trouble: null,
    unlisted: [],
    base: null,
    plans: [],
    settling: { missing: null, progressAt: startedAt, rounds: 0, looks: 0 },
    check: { tries: 0, unchecked: null, moving: [] },
    inventory: { tries: 0 },
    requests: noRequests,
  };
}

/** Never expires and has no notAfter: whatever happens, a run must come to its seal. */
export const advanceRunMessage = (vault: string, runId: RunId): JobMessage => ({
  v: 1,
  job: { type: 'advanceRun', vault, runId },
  notAfter: null,
  attempt: 0,
});

async function clockRefusal(deps: BackupDeps): Promise<(StartResult & { outcome: 'refused' }) | null> {
  const storageTime = await deps.state.serverTime();
  const differenceMs = Math.abs(deps.clock.now().getTime() - storageTime.getTime());
  if (differenceMs <= largestClockDifferenceMs) return null;
  return {
    outcome: 'refused',
    reason: `this app's clock and storage's differ by ${Math.round(differenceMs / 1000)} s`,
    hint: 'Set the clock of the host; run ids and the chain of recovery points depend on it.',
  };
}

async function storageRefusal(
  { plan, vault }: StartRequest,
  deps: BackupDeps,
): Promise<(StartResult & { outcome: 'refused' }) | null> {
  const immutability = await deps.backups.immutability();
  if (immutability === 'policy') return null;
  deps.events.emit('storage.mutable', { vault: vault.name, plan: plan.name, immutability });
  if (!deps.settings.requireImmutableStorage) return null;
  return {
    outcome: 'refused',
    reason:
      immutability === 'none'
        ? 'the backups container has no immutability policy'
        : 'the immutability policy of the backups container cannot be read',
    hint: 'Put a time-based retention policy on the container, or set REQUIRE_IMMUTABLE_STORAGE to false to back up nevertheless.',
  };
}
