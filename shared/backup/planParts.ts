/** A run's plans as they lie in the state container: parts of 200 lines per lane, under a random id that the state names. */
import { type PlanLane, planPartName } from '../domain/blobNames.ts';
import {
  encodePlanPart,
  objectsPerPart,
  type PlanLine,
  parsePlanPart,
  type RunPlan,
} from '../domain/runPlan.ts';
import type { RunPlanState, RunState } from '../domain/runState.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import type { BackupDeps } from './deps.ts';

const atOnce = 16;

/** Before the state names it, and before its first job. */
export async function writePlan(run: RunState, plan: RunPlan, deps: BackupDeps): Promise<RunPlanState> {
  const id = deps.newId();
  const partsOf = (lane: PlanLane) => Math.ceil(plan[lane].length / objectsPerPart);
  const parts = { objects: partsOf('objects'), keys: partsOf('keys'), settled: partsOf('settled') };
  await mapConcurrently(atOnce, places(parts), async ([lane, part]) => {
    const text = encodePlanPart(plan[lane].slice(part * objectsPerPart, (part + 1) * objectsPerPart));
    await deps.state.create(planPartName(run.vault, run.runId, id, lane, part), {
      bytes: Buffer.from(text, 'utf8'),
      contentType: 'application/x-ndjson',
    });
  });
  const dueAt = deps.clock.now().toISOString();
  return {
    id,
    pass: run.plans.length + 1,
    lanes: {
      objects: { parts: parts.objects, next: 0, dueAt, heldSince: null },
      keys: { parts: parts.keys, next: 0, dueAt, heldSince: null },
    },
    settledParts: parts.settled,
    jobs: plan.objects.length + plan.keys.length,
  };
}

const places = (parts: Readonly<Record<PlanLane, number>>): [PlanLane, number][] =>
  (['objects', 'keys', 'settled'] as const).flatMap((lane) =>
    Array.from({ length: parts[lane] }, (_, part): [PlanLane, number] => [lane, part]),
  );

/** All lines of a plan, in the order of its lanes and parts. */
export async function readPlan(
  run: RunState,
  plan: RunPlanState,
  deps: Pick<BackupDeps, 'state'>,
): Promise<PlanLine[]> {
  const { objects, keys } = plan.lanes;
  const all = places({ objects: objects.parts, keys: keys.parts, settled: plan.settledParts });
  const read = ([lane, part]: [PlanLane, number]) => readPlanPart(run, plan, lane, part, deps);
  return (await mapConcurrently(atOnce, all, read)).flat();
}

/** Lost state must not keep a run from its seal: the accounting there finds that objects are missing, and says so. */
export async function readPlanPart(
  run: RunState,
  plan: RunPlanState,
  lane: PlanLane,
  part: number,
  deps: Pick<BackupDeps, 'state'>,
): Promise<PlanLine[]> {
  const found = await deps.state.read(planPartName(run.vault, run.runId, plan.id, lane, part));
  return found ? parsePlanPart(Buffer.from(found.bytes).toString('utf8')) : [];
}
