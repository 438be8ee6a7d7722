/**
 * Lists the vault, decides per object, and writes the run plan in parts under a random id, which the next state names.
 * Secrets and keys are listed before certificates: a certificate made meanwhile is then seen, rather than its key
 * skipped as managed. A kind that may not be listed is named in the recovery point; the other kinds are captured.
 */
import { type PlanLane, planPartName } from '../domain/blobNames.ts';
import { asBackupError, BackupError, NotNow } from '../domain/errors.ts';
import { type Kind, type ListedObject, objectKey } from '../domain/objects.ts';
import { encodePlanPart, objectsPerPart, type PlanLine, planRun } from '../domain/runPlan.ts';
import type { RunPlanState, RunState } from '../domain/runState.ts';
import { matcherOf } from '../domain/selection.ts';
import type { StepResult } from '../engine/advance.ts';
import { newestUsablePoint, readIndex } from '../engine/catalog.ts';
import type { SourceVault } from '../ports/sourceVault.ts';
import type { Step } from './advanceRun.ts';
import type { BackupDeps } from './deps.ts';

const listingOrder: readonly Kind[] = ['secret', 'key', 'certificate'];
/** One page may fail this often in a row before the step gives up its slot and comes back later. */
const triesPerPage = 4;
const longestWaitMs = 60_000;
/** A listing that takes longer gives its slot back and starts again: well below functionTimeout with a last slow page. */
const longestListingMs = 4 * 60_000;

export const listStep: Step = async (run, deps) => {
  const unlisted: RunState['unlisted'] = [];
  const listing: ListedObject[] = [];
  const until = deps.clock.now().getTime() + longestListingMs;
  const timeLeft = () => deps.clock.now().getTime() < until;
  let region = run.region;
  try {
    const { patientCalls } = deps.vaultOf(run.vault);
    for (const kind of listingOrder) {
      const objects = await listKind(patientCalls, kind, unlisted, timeLeft);
      listing.push(...objects);
    }
    region = patientCalls.region() ?? region;
    const refusal = unlisted[0];
    if (refusal && unlisted.length === listingOrder.length)
      return { state: failed(run, refusal.reason), delayMs: 0 };
  } catch (error) {
    return later(run, error, deps);
  }
  const plan = planRun({ listing, selects: matcherOf(run), lastCaptured: await capturedBefore(run, deps) });
  const written = await writePlan(run, plan, deps);
  const listed = plan.objects.length + plan.keys.length + plan.settled.length;
  return { state: { ...run, region, listed, unlisted, plans: [written], step: 'capture' }, delayMs: 0 };
};

async function listKind(
  vault: SourceVault,
  kind: Kind,
  unlisted: RunState['unlisted'],
  timeLeft: () => boolean,
): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  let next: string | null = null;
  let tries = 0;
  for (;;) {
    try {
      const page = await vault.listPage(kind, next);
      objects.push(...page.objects);
      tries = 0;
      if (page.next === null) return objects;
      if (!timeLeft()) throw new NotNow(1000);
      next = page.next;
    } catch (error) {
      if (error instanceof BackupError && error.code === 'forbidden') {
        unlisted.push({ kind, reason: `${error.message}. ${error.hint}` });
        return [];
      }
      tries += 1;
      if (error instanceof NotNow || tries >= triesPerPage || !timeLeft()) throw error;
    }
  }
}

/** Nothing was listed and nothing will be: the point says why, at once rather than at the deadline. */
const failed = (run: RunState, trouble: string): RunState => ({ ...run, trouble, step: 'seal' });

/** The vault cannot be listed now: back with growing waits, until the deadline seals the run as failed. */
function later(run: RunState, error: unknown, deps: BackupDeps): StepResult<RunState> {
  const known = error instanceof NotNow ? error : asBackupError(error);
  const listTries = run.listTries + 1;
  const trouble = known instanceof NotNow ? known.message : `${known.message}. ${known.hint}`;
  const hopeless = known instanceof BackupError && known.code === 'invalid';
  if (hopeless) return { state: failed(run, trouble), delayMs: 0 };
  const name =
    known instanceof NotNow || known.code === 'throttled' ? 'vault.throttled' : 'vault.unreachable';
  deps.events.emit(name, {
    vault: run.vault,
    runId: run.runId,
    step: 'list',
    tries: listTries,
    reason: trouble,
  });
  const waitMs = known instanceof NotNow ? known.delayMs : Math.min(longestWaitMs, 1000 * 2 ** run.listTries);
  return { state: { ...run, listTries, trouble }, delayMs: Math.max(1000, waitMs) };
}

/** When each object was last captured, from the newest point that is not failed; empty for a first run. */
async function capturedBefore(run: RunState, deps: BackupDeps): Promise<Map<string, string>> {
  const base = await newestUsablePoint(run.vault, deps);
  const lines = base ? await readIndex(base, deps) : [];
  return new Map(
    lines.flatMap((line) => (line.capturedAt ? [[objectKey(line), line.capturedAt] as const] : [])),
  );
}

async function writePlan(
  run: RunState,
  plan: Readonly<Record<PlanLane, PlanLine[]>>,
  deps: BackupDeps,
): Promise<RunPlanState> {
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
  };
}
