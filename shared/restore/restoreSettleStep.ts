/** Waits until every object that needed work has an outcome; what stands still for a message lease is enqueued again. */
import { objectKey } from '../domain/objects.ts';
import type { Settling } from '../domain/settling.ts';
import { settleLook } from '../engine/settling.ts';
import { enqueueRestores, msPerRestore } from './applyStep.ts';
import type { RestoreStepOf } from './deps.ts';
import { listRestoreOutcomes, objectsPerPart, readRestorePlan } from './restoreStore.ts';

export const restoreSettleStep: RestoreStepOf = async (restore, deps) => {
  const plan = await readRestorePlan(restore.id, restore.planId, deps);
  const outcomes = await listRestoreOutcomes(restore.id, deps);
  const missing = plan.slice(0, restore.work).filter(({ line }) => !outcomes.has(objectKey(line)));
  if (missing.length === 0) return { state: { ...restore, step: 'seal' }, delayMs: 0 };
  const look = settleLook({
    settling: restore.settling,
    missing: missing.length,
    pausedMs: deps.targetOf(restore.target.name).pace.pausedForMs(),
    throughMs: missing.length * msPerRestore(restore, deps),
    now: deps.clock.now(),
    leaseMs: deps.settings.messageLeaseMs,
  });
  if (look.verdict === 'wait')
    return { state: { ...restore, settling: look.settling }, delayMs: look.delayMs };
  if (look.verdict === 'giveUp')
    return { state: { ...restore, settling: look.settling, step: 'seal' }, delayMs: 0 };
  const throughMs = await enqueueRestores(restore, missing.slice(0, objectsPerPart), deps);
  const settling: Settling = look.sentAgain(throughMs);
  return { state: { ...restore, settling }, delayMs: Math.max(1000, throughMs) };
};
