/** Deletes and purges what this drill restored, by its own record and nothing else, until the scratch vault is empty of it. */
import { type DrillObject, drillMark } from '../domain/drill.ts';
import { readRestore } from '../restore/restoreStore.ts';
import { type DrillStepOf, failed } from './deps.ts';
import { protectedReason } from './prepareStep.ts';
import { nudgeRestore } from './restoringSteps.ts';
import { isProtected, lookAtScratch, namesOf, partOf, removeMine, settleMs } from './scratch.ts';

const mostTries = 120;
const waitForRestoreMs = 5_000;

export const cleanStep: DrillStepOf = async (drill, deps) => {
  const { target } = drill.order;
  // A restore that still runs would put back what is removed.
  for (const id of [drill.restores.probe, drill.restores.restore]) {
    const found = id === null ? null : await readRestore(id, deps);
    if (!found || found.restore.step === 'ended') continue;
    await nudgeRestore(found.restore, deps);
    return { state: drill, delayMs: waitForRestoreMs };
  }
  const governed = deps.targetOf(target);
  const marks = new Set(drill.objects.map(drillMark));
  const isMine = (object: DrillObject) => marks.has(drillMark(object));
  const scratch = await lookAtScratch(governed);
  // Soft delete is all that purge protection allows.
  const mayPurge = !isProtected(scratch);
  if (!mayPurge && !scratch.live.some(isMine)) return failed(drill, protectedReason(target));
  if (drill.tries >= mostTries) {
    const { left } = partOf(isMine, scratch);
    return failed(drill, `what the drill restored could not be removed from ${target}: ${namesOf(left)}`);
  }
  const next = await removeMine(drill, { scratch, isMine, mayPurge }, governed);
  if (!next) return { state: { ...drill, cleaned: true, step: 'record' }, delayMs: 0 };
  return { state: next, delayMs: settleMs };
};
