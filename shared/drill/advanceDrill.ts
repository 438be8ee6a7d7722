/**
 * Takes a drill one step further (engine/advance.ts). A scratch vault has one drill at a time: another waits in the
 * queue until it is free, at most until its own message expires. A drill that has its record is over, whoever asks.
 */
import type { DrillOrder, DrillState, DrillStep } from '../domain/drill.ts';
import { asBackupError, BackupError, NotNow } from '../domain/errors.ts';
import type { RestoreMessage } from '../domain/jobs.ts';
import { type AdvanceResult, advance, type StepResult } from '../engine/advance.ts';
import { cleanStep } from './cleanStep.ts';
import { type DrillDeps, type DrillStepOf, failed } from './deps.ts';
import { type Held, hasEnded, isSame, readHeld, writeHeld } from './drillStore.ts';
import { prepareStep } from './prepareStep.ts';
import { recordStep } from './recordStep.ts';
import { probeStep, restoreStep } from './restoringSteps.ts';

/** A drill that has not ended by then is recorded as failed; the next one removes what it left. */
export const drillDeadlineMinutes = 240;
const busyWaitSeconds = 30;
const mostTries = 60;
const longestWaitMs = 60_000;

const steps: Readonly<Record<DrillStep, DrillStepOf>> = {
  prepare: prepareStep,
  probe: probeStep,
  restore: restoreStep,
  clean: cleanStep,
  record: recordStep,
};

export const advanceDrillMessage = (order: DrillOrder, notAfter: string): RestoreMessage => ({
  v: 1,
  job: { type: 'advanceDrill', ...order },
  notAfter,
  attempt: 0,
});

export async function advanceDrill(
  message: RestoreMessage,
  order: DrillOrder,
  deps: DrillDeps,
): Promise<AdvanceResult | 'busy' | 'expired'> {
  const held = await readHeld(order.target, deps);
  if (!held.drill || !isSame(held.drill.order, order)) {
    if (await hasEnded(order, deps)) return 'nothingToDo';
    if (message.notAfter !== null && deps.clock.now().getTime() >= Date.parse(message.notAfter))
      return 'expired';
    if (held.drill) {
      await deps.queue.send({ ...message, attempt: message.attempt + 1 }, { delaySeconds: busyWaitSeconds });
      return 'busy';
    }
    const drill = newDrill(order, deps);
    const untilDeadline = (Date.parse(drill.deadline) - deps.clock.now().getTime()) / 1000;
    // As for a run: first the message that brings it to its end, then the state.
    const last = { ...advanceDrillMessage(order, drill.deadline), notAfter: null };
    await deps.queue.send(last, { delaySeconds: untilDeadline, neverExpires: true });
    if (!(await writeHeld(order.target, drill, held.etag, deps))) return 'lostRace';
  }
  return advance<DrillState, Held>({
    clock: deps.clock,
    async read() {
      const now = await readHeld(order.target, deps);
      return now.drill && isSame(now.drill.order, order) ? { state: now.drill, held: now } : null;
    },
    step: (drill, overdue) => (overdue ? endNow(drill, deps) : attempt(drill, deps)),
    putBack: (drill, delayMs) =>
      deps.queue.send(advanceDrillMessage(order, drill.deadline), { delaySeconds: delayMs / 1000 }),
    write: (drill, ended, now) => writeHeld(order.target, ended ? null : drill, now.etag, deps),
  });
}

/** Past its deadline a drill ends, also when its record cannot be written. */
async function endNow(drill: DrillState, deps: DrillDeps): Promise<StepResult<DrillState>> {
  try {
    return await recordStep(drill, deps);
  } catch (error) {
    const { vault, plan, id, target } = drill.order;
    const reason = `its record cannot be written: ${asBackupError(error).message}`;
    const { length: objects } = drill.objects;
    deps.events.emit('drill.failed', {
      vault,
      plan,
      id,
      target,
      objects,
      rtoSeconds: null,
      rpoSeconds: null,
      reason,
    });
    return { state: drill, delayMs: 0, ended: true };
  }
}

/** A vault or storage that does not answer is waited for; what no waiting mends ends the drill. */
async function attempt(drill: DrillState, deps: DrillDeps): Promise<StepResult<DrillState>> {
  try {
    return await steps[drill.step](drill, deps);
  } catch (error) {
    if (drill.step === 'record') throw error;
    const known = error instanceof NotNow ? error : asBackupError(error);
    const reason = known instanceof NotNow ? known.message : `${known.code}: ${known.message}. ${known.hint}`;
    const hopeless =
      known instanceof BackupError && ['forbidden', 'invalid', 'corruptBlob'].includes(known.code);
    if (hopeless || drill.tries >= mostTries) return failed(drill, reason);
    const waitMs =
      known instanceof NotNow ? known.delayMs : Math.min(longestWaitMs, 1000 * 2 ** Math.min(drill.tries, 6));
    return { state: { ...drill, tries: drill.tries + 1 }, delayMs: Math.max(1000, waitMs) };
  }
}

function newDrill(order: DrillOrder, deps: DrillDeps): DrillState {
  const now = deps.clock.now();
  return {
    v: 1,
    order,
    step: 'prepare',
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + drillDeadlineMinutes * 60_000).toISOString(),
    nextAt: now.toISOString(),
    tries: 0,
    reason: null,
    point: null,
    objects: [],
    restores: { probe: null, restore: null },
    counts: {},
    failures: [],
    restoredAt: null,
    pending: [],
    quiet: 0,
    cleaned: false,
  };
}
