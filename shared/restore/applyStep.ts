/**
 * Writes the audit record, then sends one object ahead: a blob of another geography or subscription is found out by the
 * first object, not by each one over hours. Then enqueues the rest in parts, at the rate of the creating budget.
 */
import { asBackupError } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import type { PlannedObject } from '../domain/restorePlan.ts';
import type { RestoreState } from '../domain/restoreState.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import { settleLook } from '../engine/settling.ts';
import { auditStarted } from './audit.ts';
import type { RestoreDeps, RestoreStepOf } from './deps.ts';
import { readRestoreOutcomes, readRestorePlan } from './restoreStore.ts';

const objectsPerPart = 200;
const sendsAtOnce = 16;
const canaryLookMs = 1_000;

export const applyStep: RestoreStepOf = async (restore, deps) => {
  const plan = await readRestorePlan(restore.id, restore.planId, deps);
  if (restore.enqueued === 0) {
    try {
      await auditStarted(restore, plan, deps);
    } catch (error) {
      const { message, hint } = asBackupError(error);
      const reason = `nothing was restored, because the audit record cannot be written: ${message}. ${hint}`;
      return { state: { ...restore, reason, step: 'seal' }, delayMs: 0 };
    }
  }
  if (restore.enqueued === 1) {
    const judged = await judgeFirst(restore, plan, deps);
    if (judged) return judged;
  }
  const upTo = restore.enqueued === 0 ? 1 : restore.enqueued + objectsPerPart;
  const part = plan.slice(restore.enqueued, Math.min(upTo, restore.work));
  const throughMs = await enqueueRestores(restore, part, deps);
  const enqueued = restore.enqueued + part.length;
  const next = { ...restore, enqueued };
  if (enqueued < restore.work)
    return { state: next, delayMs: restore.enqueued === 0 ? canaryLookMs : throughMs };
  const progressAt = new Date(deps.clock.now().getTime() + throughMs).toISOString();
  return {
    state: { ...next, step: 'settle', settling: { missing: null, progressAt, rounds: 0, looks: 0 } },
    delayMs: throughMs,
  };
};

/** Null when the first object shows that the rest may go; a wait while it is not through; the seal if no blob can be read here. */
async function judgeFirst(restore: RestoreState, plan: readonly PlannedObject[], deps: RestoreDeps) {
  const [first] = plan;
  const outcome = first && (await readRestoreOutcomes(restore.id, deps)).get(objectKey(first.line));
  if (!outcome) return waitForFirst(restore, plan, deps);
  if (!outcome.reason?.startsWith('wrongGeography')) return null;
  const reason = 'wrongGeography: the target cannot decrypt these blobs; nothing was restored';
  return { state: { ...restore, reason, step: 'seal' as const }, delayMs: 0 };
}

/** As the settle step does for all: a message that is lost is sent again. */
async function waitForFirst(restore: RestoreState, plan: readonly PlannedObject[], deps: RestoreDeps) {
  const look = settleLook({
    settling: restore.settling,
    missing: 1,
    paused: deps.targetOf(restore.target.name).pace.pausedForMs() > 0,
    now: deps.clock.now(),
    leaseMs: deps.settings.messageLeaseMs,
  });
  if (look.verdict === 'wait')
    return { state: { ...restore, settling: look.settling }, delayMs: look.delayMs };
  if (look.verdict === 'giveUp') return { state: { ...restore, step: 'seal' as const }, delayMs: 0 };
  const settling = look.sentAgain(await enqueueRestores(restore, plan.slice(0, 1), deps));
  return { state: { ...restore, settling }, delayMs: canaryLookMs };
}

/** Sends one job per object; returns after how many milliseconds the last should be through. */
export async function enqueueRestores(
  restore: RestoreState,
  objects: readonly PlannedObject[],
  deps: RestoreDeps,
): Promise<number> {
  const msPerObject = 1000 / deps.targetOf(restore.target.name).pace.callsPerSecond('creates');
  await mapConcurrently(sendsAtOnce, objects, async (planned, position) => {
    await deps.queue.send(
      {
        v: 1,
        job: { type: 'restoreObject', id: restore.id, target: restore.target.name, planned },
        notAfter: restore.deadline,
        attempt: 0,
      },
      { delaySeconds: Math.floor((position * msPerObject) / 1000) },
    );
  });
  return objects.length * msPerObject;
}
