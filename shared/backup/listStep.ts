/**
 * Lists the vault, decides per object (capture, carry or skip), and writes the run plan in parts, which the next state
 * names. The base of an incremental run is read from the container, never from a pointer.
 */
import { asBackupError, BackupError, NotNow } from '../domain/errors.ts';
import type { CarryRules } from '../domain/incremental.ts';
import { objectKey } from '../domain/objects.ts';
import type { IndexLine } from '../domain/recoveryPoint.ts';
import { planRun } from '../domain/runPlan.ts';
import type { RunState } from '../domain/runState.ts';
import { matcherOf } from '../domain/selection.ts';
import type { StepResult } from '../engine/advance.ts';
import { newestUsablePoint, readIndex } from '../engine/catalog.ts';
import { badBlobs } from '../engine/verifications.ts';
import type { BackupDeps, Step } from './deps.ts';
import { type Listing, listingOrder, listVault, troubleOf, waitBeforeListing } from './listVault.ts';
import { writePlan } from './planParts.ts';

export const listStep: Step = async (run, deps) => {
  let listing: Listing;
  try {
    listing = await listVault(run.vault, listingOrder, deps);
  } catch (error) {
    return later(run, error, deps);
  }
  const { objects, unlisted, region } = listing;
  const [refusal] = unlisted;
  if (refusal && unlisted.length === listingOrder.length)
    return { state: failed(run, refusal.reason), delayMs: 0 };

  const base = await readBase(run, deps);
  const carry = run.full || !base.sameVault ? null : await carryRules(run, deps);
  const plan = planRun({
    listing: objects,
    selects: matcherOf(run),
    base: base.sameVault ? base.lines : new Map(),
    carry,
  });
  const next: RunState = {
    ...run,
    region: region ?? run.region,
    unlisted,
    listed: plan.objects.length + plan.keys.length + plan.settled.length,
    base: plan.settled.some(({ outcome }) => outcome === 'carried') ? base.point : null,
    plans: [await writePlan(run, plan, deps)],
    step: 'capture',
  };
  return { state: next, delayMs: 0 };
};

/** Nothing was listed and nothing will be: the point says why, at once rather than at the deadline. */
const failed = (run: RunState, trouble: string): RunState => ({ ...run, trouble, step: 'seal' });

/** The vault cannot be listed now: back with growing waits, until the deadline seals the run as failed. */
function later(run: RunState, error: unknown, deps: BackupDeps): StepResult<RunState> {
  const known = error instanceof NotNow ? error : asBackupError(error);
  const listTries = run.listTries + 1;
  const trouble = troubleOf(known);
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
  return { state: { ...run, listTries, trouble }, delayMs: waitBeforeListing(known, run.listTries) };
}

interface Base {
  readonly point: RunState['base'];
  /** A vault that was made anew under the same name carries nothing. */
  readonly sameVault: boolean;
  readonly lines: ReadonlyMap<string, IndexLine>;
}

/** The newest point that is not failed. An old point that cannot be read costs a full run, not the run. */
async function readBase(run: RunState, deps: BackupDeps): Promise<Base> {
  try {
    const stored = await newestUsablePoint(run.vault, deps);
    if (!stored) return noBase;
    const lines = await readIndex(stored.point, deps);
    return {
      point: { runId: stored.point.runId, sha256: stored.sha256 },
      sameVault: stored.point.vaultUrl === run.vaultUrl,
      lines: new Map(lines.map((line) => [objectKey(line), line])),
    };
  } catch (error) {
    const known = asBackupError(error);
    if (known.code === 'unreachable' || known.code === 'forbidden') throw error;
    deps.events.emit('point.ignored', { vault: run.vault, runId: run.runId, reason: known.message });
    return noBase;
  }
}

const noBase: Base = { point: null, sameVault: false, lines: new Map() };

const dayMs = 86_400_000;

/** Null, so that everything is captured anew, where nobody can tell what a verification found bad. */
async function carryRules(run: RunState, deps: BackupDeps): Promise<CarryRules | null> {
  const { startedAt } = run;
  const { fullEveryDays } = deps.settings;
  try {
    const oldest = new Date(Date.parse(startedAt) - fullEveryDays * dayMs);
    return { startedAt, fullEveryDays, bad: await badBlobs(run.vault, oldest, deps) };
  } catch (error) {
    const known = asBackupError(error);
    if (known.code === 'unreachable') throw error;
    deps.events.emit('verification.unread', { vault: run.vault, runId: run.runId, reason: known.message });
    return null;
  }
}
