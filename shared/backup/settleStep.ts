/** Compares the plan with blobs and outcomes until nothing is missing (engine/settling.ts); then on to the check. */
import { isSettledIn } from '../domain/accounting.ts';
import { type Lane, laneOf, lanes } from '../domain/objects.ts';
import { objectsPerPart } from '../domain/runPlan.ts';
import { newestPlan } from '../domain/runState.ts';
import { settleLook } from '../engine/settling.ts';
import { enqueue, msPerObject, pausedMs } from './captureStep.ts';
import type { Step } from './deps.ts';
import { readEvidence } from './evidence.ts';

export const settleStep: Step = async (run, deps) => {
  const { lines, evidence } = await readEvidence(run, deps);
  const pass = newestPlan(run)?.pass ?? 1;
  const planned = [...lines.values()].flatMap((passes) => passes.filter((entry) => entry.pass === pass));
  const missing = planned.flatMap(({ line }) => (isSettledIn(pass, line, evidence) ? [] : [line]));
  if (missing.length === 0) return { state: { ...run, step: 'check' }, delayMs: 0 };
  const inLane = (lane: Lane) => missing.filter((line) => laneOf(line.kind) === lane);
  const look = settleLook({
    settling: run.settling,
    missing: missing.length,
    pausedMs: pausedMs(run, deps),
    throughMs: Math.max(...lanes.map((lane) => inLane(lane).length * msPerObject(run.vault, lane, deps))),
    now: deps.clock.now(),
    leaseMs: deps.settings.messageLeaseMs,
  });
  if (look.verdict === 'wait') return { state: { ...run, settling: look.settling }, delayMs: look.delayMs };
  if (look.verdict === 'giveUp')
    return { state: { ...run, settling: look.settling, step: 'check' }, delayMs: 0 };
  let throughMs = 0;
  for (const lane of lanes) {
    const again = inLane(lane).slice(0, objectsPerPart);
    if (again.length > 0) throughMs = Math.max(throughMs, await enqueue(run, pass, again, lane, deps));
  }
  return { state: { ...run, settling: look.sentAgain(throughMs) }, delayMs: Math.max(1000, throughMs) };
};
