/**
 * Whether the next part of a lane must wait, because the run is slower than its budget: a part goes out when the one four
 * before it is through, so that a queue holds no more than about 1,000 messages of a run, however large the vault.
 * Three objects of that part are asked for, which is a request per 66 objects; no state has to be right for it.
 */
import { captureBlobName, outcomeBlobName, outcomeNames } from '../domain/blobNames.ts';
import type { Lane } from '../domain/objects.ts';
import type { PlanLine } from '../domain/runPlan.ts';
import type { RunPlanState, RunState } from '../domain/runState.ts';
import type { BackupDeps } from './deps.ts';
import { readPlanPart } from './planParts.ts';

const partsAhead = 4;
/** So many of the last objects are asked for; one that is settled tells enough. */
const asked = 3;
/** Then the part goes out all the same: those that were asked for may be late by themselves. */
const longestHoldMs = 60_000;

export async function isTooFarAhead(
  run: RunState,
  plan: RunPlanState,
  lane: Lane,
  deps: BackupDeps,
): Promise<boolean> {
  const { next, heldSince } = plan.lanes[lane];
  if (next < partsAhead) return false;
  if (heldSince && deps.clock.now().getTime() - Date.parse(heldSince) >= longestHoldMs) return false;
  const lines = (await readPlanPart(run, plan, lane, next - partsAhead, deps)).slice(-asked);
  if (lines.length === 0) return false;
  const settled = async (line: PlanLine) =>
    (await isCaptured(run, plan.pass, line, deps)) || (await hasOutcome(run, plan.pass, line, deps));
  return (await Promise.all(lines.map(settled))).every((is) => !is);
}

const isCaptured = async (run: RunState, pass: number, line: PlanLine, { backups }: BackupDeps) =>
  (await backups.facts(captureBlobName({ ...run, ...line, pass }))) !== null;

async function hasOutcome(
  { vault, runId }: RunState,
  pass: number,
  { kind, name }: PlanLine,
  { state }: BackupDeps,
): Promise<boolean> {
  const names = outcomeNames.map((outcome) => outcomeBlobName(vault, runId, { kind, name, pass, outcome }));
  const found = await Promise.all(names.map((blob) => state.facts(blob)));
  return found.some((facts) => facts !== null);
}
