/**
 * Chooses the point and the sample, and makes sure that the scratch vault is empty: what an earlier drill left there, by
 * its own record, is removed; anything else refuses the drill. Then writes down what will be restored, before any of it.
 */
import { drillStartedName } from '../domain/blobNames.ts';
import { type DrillObject, type DrillOrder, type DrillState, leftMark, sampleOf } from '../domain/drill.ts';
import { RequestRefused } from '../domain/errors.ts';
import type { DrillPlan } from '../domain/plans.ts';
import type { StepResult } from '../engine/advance.ts';
import { listPoints, readIndex } from '../engine/catalog.ts';
import { choosePoint } from '../restore/choosePoint.ts';
import { type DrillDeps, type DrillStepOf, failed } from './deps.ts';
import { json, ownMarks, readStarted } from './drillStore.ts';
import {
  everythingIn,
  isProtected,
  lookAtScratch,
  namesOf,
  partOf,
  removeMine,
  settleMs,
} from './scratch.ts';

const mostTries = 60;
/** As many as one restore can name, and a scratch vault loses again in time. */
const mostObjects = 500;

export const prepareStep: DrillStepOf = async (drill, deps) => {
  const { vault, plan, target } = drill.order;
  const wanted = deps.drillOf(plan);
  if (!wanted) return failed(drill, `the plan ${plan} has no drill any more`);
  if (!deps.scratchOf(vault, target))
    return failed(drill, `RESTORE_TARGETS does not mark ${target} as a scratch vault of ${vault}`);

  if ((await listPoints(target, deps)).length > 0)
    return failed(drill, `${target} has recovery points: somebody backs it up. Use a vault of its own`);
  const governed = deps.targetOf(target);
  const scratch = await lookAtScratch(governed);
  if (isProtected(scratch)) return failed(drill, protectedReason(target));
  if (everythingIn(scratch).length + drill.pending.length > 0) {
    const marks = await ownMarks(target, deps);
    const isMine = (object: DrillObject) => marks.has(leftMark(object));
    const { left, foreign } = partOf(isMine, scratch);
    if (foreign.length > 0)
      return failed(
        drill,
        `${target} holds what no drill put there: ${namesOf(foreign)}. Nothing was touched`,
      );
    if (drill.tries >= mostTries)
      return failed(drill, `what an earlier drill left in ${target} could not be removed: ${namesOf(left)}`);
    const next = await removeMine(drill, { scratch, isMine, mayPurge: true }, governed);
    if (next) return { state: next, delayMs: settleMs };
    // Only what certificates own is still there, and goes with them.
    if (everythingIn(scratch).length > 0)
      return { state: { ...drill, tries: drill.tries + 1 }, delayMs: settleMs };
  }
  try {
    return await begin(drill, wanted, deps);
  } catch (error) {
    if (error instanceof RequestRefused) return failed(drill, `${error.message}. ${error.hint}`);
    throw error;
  }
};

export const protectedReason = (target: string) =>
  `${target} has purge protection: what a drill restores there could not be removed again. Use a vault without it`;

async function begin(drill: DrillState, wanted: DrillPlan, deps: DrillDeps): Promise<StepResult<DrillState>> {
  const { vault, target, id } = drill.order;
  const request = { vault, target, allowPartial: true, objects: ['**'] };
  const { point } = await choosePoint(
    { ...request, mode: 'native', onConflict: 'fail', reason: 'drill', dryRun: false },
    deps,
  );
  const { lines, problems } = sampleOf(await readIndex(point, deps), { ...wanted, seed: `${vault} ${id}` });
  if (problems.length > 0) return failed(drill, `canaries: ${problems.join('; ')}`);
  if (lines.length > mostObjects)
    return failed(drill, `canaries: they match ${lines.length} objects; ${mostObjects} are the most`);
  if (lines.length === 0) return failed(drill, `recovery point ${point.runId} holds no object to restore`);
  const objects = lines.map(({ kind, name, created, updated }) => ({ kind, name, created, updated }));
  const recorded = await recordStart(
    drill.order,
    { runId: point.runId, startedAt: point.startedAt, objects },
    deps,
  );
  const { recoveryPoint: runId, pointStartedAt: startedAt } = recorded;
  return {
    state: {
      ...drill,
      tries: 0,
      pending: [],
      quiet: 0,
      point: { runId, startedAt },
      objects: recorded.objects,
      step: 'probe',
    },
    delayMs: 0,
  };
}

/** The first record counts: a step that is repeated after a crash restores what that one says. */
async function recordStart(
  order: DrillOrder,
  point: { runId: string; startedAt: string; objects: DrillState['objects'] },
  deps: DrillDeps,
) {
  const record = {
    format: 1,
    ...order,
    at: deps.clock.now().toISOString(),
    recoveryPoint: point.runId,
    pointStartedAt: point.startedAt,
    objects: point.objects,
  };
  const metadata = { target: order.target.toLowerCase() };
  await deps.audit.create(drillStartedName(order.vault, order.id), { ...json(record), metadata });
  const stored = await readStarted(order, deps);
  if (!stored) throw new Error(`the record of drill ${order.id} is not there after it was written`);
  return stored;
}
