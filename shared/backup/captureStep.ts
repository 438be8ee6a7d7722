/**
 * Enqueues the next part of each lane that is due, its objects spread over time at the vault's current rate, and moves
 * the cursor. Secrets with certificates and keys have lanes of their own, so that the slow budget of the keys does not
 * hold up the rest.
 */
import { callsPerCapture, type Lane, lanes as laneNames } from '../domain/objects.ts';
import type { PlanLine } from '../domain/runPlan.ts';
import { newestPlan, type RunState } from '../domain/runState.ts';
import { jobDelaySeconds } from '../engine/jobDelay.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import type { BackupDeps, Step } from './deps.ts';
import { isTooFarAhead } from './partsAhead.ts';
import { readPlanPart } from './planParts.ts';

const sendsAtOnce = 16;
/** The next part is enqueued this much before the last is through, so that the rate does not sag in between. */
const leadMs = 2_000;
/** A part that is too far ahead is looked at again after this. */
const holdMs = 500;
/** Looks again after this, however long the vault says it is paused. */
const longestPauseMs = 30_000;

export const captureStep: Step = async (run, deps) => {
  // What a paused vault is sent only goes back to the queue, and that again and again.
  const pause = Math.min(longestPauseMs, pausedMs(run, deps));
  if (pause > 0) return { state: run, delayMs: pause };
  const plan = newestPlan(run);
  if (!plan) throw new Error(`run ${run.runId} of ${run.vault} is in capture without a plan`);
  const lanes = { ...plan.lanes };
  for (const budget of laneNames) {
    const lane = lanes[budget];
    if (lane.next >= lane.parts || Date.parse(lane.dueAt) > deps.clock.now().getTime()) continue;
    if (await isTooFarAhead(run, plan, budget, deps)) {
      const now = deps.clock.now().getTime();
      const heldSince = lane.heldSince ?? new Date(now).toISOString();
      lanes[budget] = { ...lane, dueAt: new Date(now + holdMs).toISOString(), heldSince };
      continue;
    }
    const lines = await readPlanPart(run, plan, budget, lane.next, deps);
    // It begins when the part before is through; else parts shorter than the lead would pile up at once.
    const now = deps.clock.now().getTime();
    const beginsNow = lane.next === 0 || lane.heldSince !== null;
    const beginInMs = beginsNow ? 0 : Math.max(0, Date.parse(lane.dueAt) + leadMs - now);
    const throughMs = await enqueue(run, plan.pass, lines, budget, deps, beginInMs);
    const last = lane.next + 1 === lane.parts;
    const dueInMs = last ? throughMs : throughMs - leadMs;
    lanes[budget] = {
      ...lane,
      next: lane.next + 1,
      dueAt: new Date(now + dueInMs).toISOString(),
      heldSince: null,
    };
  }
  const plans = [...run.plans.slice(0, -1), { ...plan, lanes }];
  const open = laneNames.filter((budget) => lanes[budget].next < lanes[budget].parts);
  const waitsFor = open.length > 0 ? open : laneNames;
  const times = waitsFor.map((budget) => Date.parse(lanes[budget].dueAt) - deps.clock.now().getTime());
  const delayMs = Math.max(0, open.length > 0 ? Math.min(...times) : Math.max(...times));
  if (open.length > 0) return { state: { ...run, plans }, delayMs };
  const progressAt = new Date(deps.clock.now().getTime() + delayMs).toISOString();
  return {
    state: { ...run, plans, step: 'settle', settling: { missing: null, progressAt, rounds: 0, looks: 0 } },
    delayMs,
  };
};

/** Sends one job per line; returns after how many milliseconds the last should be through. */
export async function enqueue(
  run: RunState,
  pass: number,
  lines: readonly PlanLine[],
  budget: Lane,
  deps: BackupDeps,
  beginInMs = 0,
): Promise<number> {
  const each = msPerObject(run.vault, budget, deps);
  const queue = deps.queueOf(run.vault);
  await mapConcurrently(sendsAtOnce, lines, async (line, position) => {
    const { kind, name, created, updated } = line;
    const { vault, runId, startedAt, deadline } = run;
    await queue.send(
      {
        v: 1,
        job: { type: 'backUpObject', vault, runId, pass, kind, name, created, updated, startedAt },
        notAfter: deadline,
        attempt: 0,
      },
      { delaySeconds: jobDelaySeconds(beginInMs + position * each) },
    );
  });
  return beginInMs + lines.length * each;
}

/** What is left of the vault's pause. */
export function pausedMs(run: RunState, deps: BackupDeps): number {
  try {
    return deps.vaultOf(run.vault).pace.pausedForMs();
  } catch {
    return 0;
  }
}

/** At the vault's present rate. */
export function msPerObject(vault: string, budget: Lane, deps: BackupDeps): number {
  try {
    return (1000 * callsPerCapture[budget]) / deps.vaultOf(vault).pace.callsPerSecond(budget);
  } catch {
    return 100; // No plan has the vault any more: its jobs will say so, one by one.
  }
}
