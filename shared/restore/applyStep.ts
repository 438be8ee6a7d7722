/**
 * Writes the audit record, then sends one object ahead: a blob of another geography or subscription is found out by the
 * first object, not by each one over hours. Then enqueues the rest in parts, at the rate of the creating budget.
 */
import { asBackupError, type BackupError } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import type { PlannedObject } from '../domain/restorePlan.ts';
import type { RestoreState } from '../domain/restoreState.ts';
import type { StepResult } from '../engine/advance.ts';
import { jobDelaySeconds } from '../engine/jobDelay.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import { settleLook } from '../engine/settling.ts';
import { auditStarted } from './audit.ts';
import type { RestoreDeps, RestoreStepOf } from './deps.ts';
import { objectsPerPart, readRestoreOutcomes, readRestorePlan, readRestorePlanPart } from './restoreStore.ts';

const sendsAtOnce = 16;
const canaryLookMs = 250;
/** About ten minutes of tries. */
const mostAuditTries = 15;
const longestWaitMs = 60_000;
/** The next part is enqueued this much before the last is through, so that the rate does not sag in between. */
const leadMs = 2_000;

export const applyStep: RestoreStepOf = async (restore, deps) => {
  if (restore.enqueued === 0) return begin(restore, deps);
  const number = Math.floor(restore.enqueued / objectsPerPart);
  const part = await readRestorePlanPart(restore.id, restore.planId ?? '', number, deps);
  if (restore.enqueued === 1 && !restore.byCopies) {
    const judged = await judgeFirst(restore, part.slice(0, 1), deps);
    if (judged) return judged;
  }
  const left = part.slice(restore.enqueued % objectsPerPart, restore.work - number * objectsPerPart);
  const now = deps.clock.now().getTime();
  const beginInMs = restore.enqueued === 1 ? 0 : Math.max(0, Date.parse(restore.throughAt) - now);
  const throughMs = await enqueueRestores(restore, left, deps, beginInMs);
  const throughAt = new Date(now + throughMs).toISOString();
  // A lost part of the plan must not keep the restore from its end: the seal names what is missing.
  const enqueued = Math.min(restore.work, (number + 1) * objectsPerPart);
  const next = { ...restore, enqueued, throughAt };
  if (enqueued < restore.work) return { state: next, delayMs: Math.max(0, throughMs - leadMs) };
  return { state: toSettle(next), delayMs: throughMs };
};

/** Nothing is changed before the audit record is written. */
async function begin(restore: RestoreState, deps: RestoreDeps): Promise<StepResult<RestoreState>> {
  const plan = await readRestorePlan(restore.id, restore.planId, deps);
  try {
    await auditStarted(restore, plan, deps);
  } catch (error) {
    return unaudited(restore, asBackupError(error));
  }
  const first = plan.slice(0, Math.min(1, restore.work));
  await enqueueRestores(restore, first, deps);
  const throughAt = deps.clock.now().toISOString();
  const next = { ...restore, enqueued: first.length, throughAt, reason: null };
  return { state: first.length < restore.work ? next : toSettle(next), delayMs: canaryLookMs };
}

/** Storage that is away or full is tried again with growing waits, and the reason is told meanwhile. */
function unaudited(restore: RestoreState, { code, message, hint }: BackupError): StepResult<RestoreState> {
  const reason = `nothing was restored, because the audit record cannot be written: ${message}. ${hint}`;
  const auditTries = restore.auditTries + 1;
  const told = { ...restore, auditTries, reason };
  if (code !== 'unreachable' || auditTries >= mostAuditTries)
    return { state: { ...told, step: 'seal' }, delayMs: 0 };
  return { state: told, delayMs: Math.min(longestWaitMs, 1000 * 2 ** restore.auditTries) };
}

const toSettle = (restore: RestoreState): RestoreState => ({
  ...restore,
  step: 'settle',
  settling: { missing: null, progressAt: restore.throughAt, rounds: 0, looks: 0 },
});

/** Null when the first object shows that the rest may go; a wait while it is not through; the seal if no blob can be read here. */
async function judgeFirst(restore: RestoreState, first: readonly PlannedObject[], deps: RestoreDeps) {
  const [planned] = first;
  const outcome = planned && (await readRestoreOutcomes(restore.id, deps)).get(objectKey(planned.line));
  if (!outcome) return waitForFirst(restore, first, deps);
  if (planned.via === 'either' && outcome.via === 'portable')
    return { state: { ...restore, byCopies: true }, delayMs: 0 };
  if (!outcome.reason?.startsWith('wrongGeography')) return null;
  const reason = 'wrongGeography: the target cannot decrypt these blobs; nothing was restored';
  return { state: { ...restore, reason, step: 'seal' as const }, delayMs: 0 };
}

/** As the settle step does for all: a message that is lost is sent again. */
async function waitForFirst(restore: RestoreState, first: readonly PlannedObject[], deps: RestoreDeps) {
  const look = settleLook({
    settling: restore.settling,
    missing: 1,
    pausedMs: deps.targetOf(restore.target.name).pace.pausedForMs(),
    throughMs: canaryLookMs,
    now: deps.clock.now(),
    leaseMs: deps.settings.messageLeaseMs,
  });
  if (look.verdict === 'wait')
    return { state: { ...restore, settling: look.settling }, delayMs: look.delayMs };
  if (look.verdict === 'giveUp') return { state: { ...restore, step: 'seal' as const }, delayMs: 0 };
  const settling = look.sentAgain(await enqueueRestores(restore, first, deps));
  return { state: { ...restore, settling }, delayMs: canaryLookMs };
}

/** At the target's present rate. */
export const msPerRestore = (restore: RestoreState, deps: RestoreDeps): number =>
  1000 / deps.targetOf(restore.target.name).pace.callsPerSecond('creates');

/** After the first object showed the way. */
const onWay = (planned: PlannedObject, { byCopies }: RestoreState): PlannedObject =>
  byCopies && planned.via === 'either' ? { ...planned, via: 'portable' } : planned;

/** Sends one job per object; returns after how many milliseconds the last should be through. */
export async function enqueueRestores(
  restore: RestoreState,
  objects: readonly PlannedObject[],
  deps: RestoreDeps,
  beginInMs = 0,
): Promise<number> {
  const each = msPerRestore(restore, deps);
  await mapConcurrently(sendsAtOnce, objects, async (planned, position) => {
    await deps.queue.send(
      {
        v: 1,
        job: {
          type: 'restoreObject',
          id: restore.id,
          target: restore.target.name,
          planned: onWay(planned, restore),
        },
        notAfter: restore.deadline,
        attempt: 0,
      },
      { delaySeconds: jobDelaySeconds(beginInMs + position * each) },
    );
  });
  return beginInMs + objects.length * each;
}
