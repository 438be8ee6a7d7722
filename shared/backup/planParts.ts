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
import type { BackupDeps } from './deps.ts';

/** Before the state names it, and before its first job. */
export async function writePlan(run: RunState, plan: RunPlan, deps: BackupDeps): Promise<RunPlanState> {
  const id = deps.newId();
  const parts = { objects: 0, keys: 0, settled: 0 };
  for (const lane of ['objects', 'keys', 'settled'] as const) {
    for (let from = 0; from < plan[lane].length; from += objectsPerPart) {
      const text = encodePlanPart(plan[lane].slice(from, from + objectsPerPart));
      const name = planPartName(run.vault, run.runId, id, lane, parts[lane]);
      await deps.state.create(name, {
        bytes: Buffer.from(text, 'utf8'),
        contentType: 'application/x-ndjson',
      });
      parts[lane] += 1;
    }
  }
  const dueAt = deps.clock.now().toISOString();
  return {
    id,
    pass: run.plans.length + 1,
    lanes: { objects: { parts: parts.objects, next: 0, dueAt }, keys: { parts: parts.keys, next: 0, dueAt } },
    settledParts: parts.settled,
    jobs: plan.objects.length + plan.keys.length,
  };
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
