/**
 * Starts verifications: the daily one of every vault, named by the day's instant, so that a timer which fires twice
 * starts nothing twice; or one that somebody asks for. As for a run: the message that brings it to its end, then the
 * state, then the message for now.
 */
import { recoveryPointBlobName, verificationId, verificationRecordName } from '../domain/blobNames.ts';
import { RequestRefused } from '../domain/errors.ts';
import type { VerifyMessage } from '../domain/jobs.ts';
import type { Caller } from '../domain/restoreState.ts';
import { type RunId, runIdOf } from '../domain/runId.ts';
import { runIdForTick } from '../domain/schedule.ts';
import { dailySchedule } from '../domain/verifyShare.ts';
import type { VerifyState } from '../domain/verifyState.ts';
import { listPoints, readPoint } from '../engine/catalog.ts';
import type { VerifyDeps } from './deps.ts';
import { readVerifyState, writeVerifyState } from './verifyStore.ts';

const deadlineMs = 12 * 3_600_000;

export interface VerificationRequest {
  readonly vault: string;
  /** A run id, `latest`, or null for the whole vault. */
  readonly recoveryPoint: string | null;
  readonly requestedBy: Caller;
}

/** Every vault is tried before the first error is thrown for the timer's retry policy. */
export async function startDaily(vaults: readonly string[], deps: VerifyDeps): Promise<string[]> {
  const instant = runIdForTick(dailySchedule, deps.clock.now());
  if (instant === null) return [];
  const started = await Promise.allSettled(
    vaults.map((vault) => start(stateOf(verificationId(vault, instant, null), vault, 'daily', deps), deps)),
  );
  const errors = started.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} of ${vaults.length} vaults could not be verified`);
  return started.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value.id] : []));
}

export async function requestVerification(
  { vault, recoveryPoint, requestedBy }: VerificationRequest,
  deps: VerifyDeps,
): Promise<VerifyState> {
  const point = await chosenPoint(vault, recoveryPoint, deps);
  const id = verificationId(vault, runIdOf(deps.clock.now()), deps.newId());
  const scope = point === null ? 'vault' : 'recoveryPoint';
  const wanted = { ...stateOf(id, vault, scope, deps), recoveryPoint: point, requestedBy };
  await start(wanted, deps);
  return wanted;
}

/** Null if it has been started and has ended already. */
async function start(wanted: VerifyState, deps: VerifyDeps): Promise<VerifyState | null> {
  const { id } = wanted;
  if (await deps.audit.facts(verificationRecordName(id))) return null;
  const known = await readVerifyState(id, deps);
  if (known?.verification.step === 'ended') return null;
  if (!known) {
    await deps.queue.send(advanceVerificationMessage(id), {
      delaySeconds: deadlineMs / 1000,
      neverExpires: true,
    });
    await writeVerifyState(wanted, null, deps);
    deps.events.emit('verification.started', {
      id,
      vault: wanted.vault,
      scope: wanted.scope,
      recoveryPoint: wanted.recoveryPoint,
    });
  }
  await deps.queue.send(advanceVerificationMessage(id));
  return known?.verification ?? wanted;
}

export const advanceVerificationMessage = (id: string): VerifyMessage => ({
  v: 1,
  job: { type: 'advanceVerification', id },
  notAfter: null,
  attempt: 0,
});

/** The run id of the point that is meant; null for the whole vault, which must have one. */
async function chosenPoint(vault: string, asked: string | null, deps: VerifyDeps): Promise<RunId | null> {
  const newest = (await listPoints(vault, deps)).at(-1);
  if (!newest)
    throw new RequestRefused(
      'notFound',
      `vault: there is no recovery point of ${vault}`,
      'Check the name of the vault: GET /api/vaults lists those of this app.',
    );
  if (asked === null) return null;
  if (asked === 'latest') return newest.runId;
  const stored = await deps.backups.facts(recoveryPointBlobName(vault, asked));
  if (!stored)
    throw new RequestRefused(
      'notFound',
      `recoveryPoint: ${vault} has no recovery point ${asked}`,
      `List them: GET /api/vaults/${vault}/recovery-points.`,
    );
  // One that cannot be parsed is what a verification is for; only what is known to be expired is refused.
  const read = await readPoint(stored.name, deps).catch(() => null);
  if (read && Date.parse(read.point.expiresAt) <= deps.clock.now().getTime())
    throw new RequestRefused(
      'invalid',
      `recoveryPoint: ${asked} expired at ${read.point.expiresAt}`,
      'Expired points are neither offered nor verified: storage may delete their blobs. Choose a later one.',
    );
  return asked;
}

function stateOf(id: string, vault: string, scope: VerifyState['scope'], deps: VerifyDeps): VerifyState {
  const now = deps.clock.now();
  const startedAt = now.toISOString();
  return {
    v: 1,
    id,
    vault,
    scope,
    recoveryPoint: null,
    requestedBy: null,
    startedAt,
    deadline: new Date(now.getTime() + deadlineMs).toISOString(),
    nextAt: startedAt,
    step: 'plan',
    planId: null,
    parts: 0,
    settling: { missing: null, progressAt: startedAt, rounds: 0, looks: 0 },
  };
}
