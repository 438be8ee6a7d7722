/**
 * The consistency pass: the vault is listed again before the seal, and what is new or changed since the plan is
 * captured once more. What still moves after that is named in the recovery point, which then holds the earlier capture.
 * Secrets that rotate during a backup are the documentation's own warning: here they are caught or told.
 */
import { asBackupError, BackupError, NotNow } from '../domain/errors.ts';
import { isChanged } from '../domain/incremental.ts';
import { type ListedObject, objectKey } from '../domain/objects.ts';
import { planRun } from '../domain/runPlan.ts';
import type { RunState } from '../domain/runState.ts';
import { matcherOf } from '../domain/selection.ts';
import type { StepResult } from '../engine/advance.ts';
import type { Step } from './deps.ts';
import { plannedLines } from './evidence.ts';
import { listingOrder, listVault, troubleOf, waitBeforeListing } from './listVault.ts';
import { writePlan } from './planParts.ts';

const mostPasses = 2;
/** A backup that is made should not wait for its check until the deadline. */
const mostTries = 6;

export const checkStep: Step = async (run, deps) => {
  const kinds = listingOrder.filter((kind) => !run.unlisted.some((entry) => entry.kind === kind));
  let objects: ListedObject[];
  try {
    const listing = await listVault(run.vault, kinds, deps);
    const [refusal] = listing.unlisted;
    if (refusal) return seal(run, { unchecked: refusal.reason });
    objects = listing.objects;
  } catch (error) {
    return later(run, error);
  }
  const lines = await plannedLines(run, deps);
  const lastLine = (object: ListedObject) => lines.get(objectKey(object))?.at(-1)?.line;
  const moved = objects.filter((object) => {
    const line = lastLine(object);
    return !line || isChanged(line, object);
  });
  const plan = planRun({ listing: moved, selects: matcherOf(run), base: new Map(), carry: null });
  const isNew = (line: { kind: ListedObject['kind']; name: string }) => !lines.has(objectKey(line));
  // What the plan leaves out stays left out, however it changes; what is new is accounted for.
  const next = { ...plan, settled: plan.settled.filter(isNew) };
  const toCapture = [...next.objects, ...next.keys];
  if (toCapture.length + next.settled.length === 0) return seal(run, {});
  if (run.plans.length >= mostPasses) return seal(run, { moving: toCapture.map(objectKey) });

  const added = [...toCapture, ...next.settled].filter(isNew).length;
  const written = await writePlan(run, next, deps);
  return {
    state: { ...run, listed: (run.listed ?? 0) + added, plans: [...run.plans, written], step: 'capture' },
    delayMs: 0,
  };
};

function seal(run: RunState, found: Partial<RunState['check']>): StepResult<RunState> {
  const check = { ...run.check, ...found };
  // A vault that could not be listed now is not asked for versions either.
  return { state: { ...run, check, step: check.unchecked === null ? 'inventory' : 'seal' }, delayMs: 0 };
}

function later(run: RunState, error: unknown): StepResult<RunState> {
  const known = error instanceof NotNow ? error : asBackupError(error);
  const tries = run.check.tries + 1;
  const hopeless = known instanceof BackupError && known.code === 'invalid';
  if (hopeless || tries >= mostTries) return seal(run, { tries, unchecked: troubleOf(known) });
  return {
    state: { ...run, check: { ...run.check, tries } },
    delayMs: waitBeforeListing(known, run.check.tries),
  };
}
