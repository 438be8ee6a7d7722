/** Gives every planned object its final outcome, writes the closing audit record, and ends the restore. */
import { objectKey } from '../domain/objects.ts';
import type { PlannedObject } from '../domain/restorePlan.ts';
import type { OutcomeRecord, RestoreOutcome, RestoreState, RestoreStatus } from '../domain/restoreState.ts';
import { auditEnded } from './audit.ts';
import type { RestoreDeps, RestoreStepOf } from './deps.ts';
import { unfinishedReplacement } from './replaceRecords.ts';
import { readRestoreOutcomes, readRestorePlan, recordRestoreOutcome } from './restoreStore.ts';

const good: ReadonlySet<RestoreOutcome> = new Set(['restored', 'recovered', 'replaced', 'skipped']);

export const restoreSealStep: RestoreStepOf = async (restore, deps) => {
  const plan = await readRestorePlan(restore.id, restore.planId, deps);
  const known = await readRestoreOutcomes(restore.id, deps);
  const open = plan.filter(({ line }) => !known.has(objectKey(line)));
  // Recorded before it is told: a job that comes late finds the object ended, and one that was faster is believed.
  for (const planned of open)
    await recordRestoreOutcome(restore.id, planned.line, await finalOutcome(planned, restore, deps), deps);
  const outcomes = open.length === 0 ? known : await readRestoreOutcomes(restore.id, deps);
  const ended = conclude(restore, plan, outcomes, deps.clock.now());
  const { id, target, status, reason } = ended;
  try {
    await auditEnded(ended, outcomes, deps);
  } catch (error) {
    deps.events.emit('restore.unaudited', {
      id,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
  deps.events.emit(
    status === 'complete' ? 'restore.complete' : status === 'partial' ? 'restore.partial' : 'restore.failed',
    { id, target: target.name, reason, ...ended.counts },
  );
  return { state: ended, delayMs: 0, ended: true };
};

const conflictHint =
  'Ask again with onConflict skip or replace, or free the name; a name that another kind of object holds needs another target.';
const blockedHint =
  'Allow replacements in RESTORE_TARGETS, wait until the retention ends, or choose another target, as the reason says.';

/** For objects without a record: those that needed no work, and those that were not reached. */
async function finalOutcome(
  planned: PlannedObject,
  restore: RestoreState,
  deps: RestoreDeps,
): Promise<OutcomeRecord> {
  const at = deps.clock.now().toISOString();
  const { action, why, line } = planned;
  const told = (outcome: RestoreOutcome, reason: string, hint: string | null = null): OutcomeRecord => ({
    outcome,
    reason,
    hint,
    version: null,
    at,
  });
  if (action === 'skip') return told('skipped', why);
  if (action === 'conflict') return told('conflict', why, conflictHint);
  if (action === 'blocked') return told('blocked', why, blockedHint);
  const unfinished = action === 'replace' ? await unfinishedReplacement(restore.id, line, deps) : null;
  if (unfinished) return told('failed', unfinished.reason, unfinished.hint);
  return told(
    'failed',
    restore.reason ?? 'notReached: no job for it had ended when the restore was sealed',
    'Ask for it again: a restore of what is already there is skipped.',
  );
}

function conclude(
  restore: RestoreState,
  plan: readonly PlannedObject[],
  outcomes: ReadonlyMap<string, OutcomeRecord>,
  now: Date,
): RestoreState {
  const counts: Partial<Record<RestoreOutcome, number>> = {};
  for (const { outcome } of outcomes.values()) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const isGood = ({ line }: PlannedObject) => good.has(outcomes.get(objectKey(line))?.outcome ?? 'failed');
  const succeeded = plan.filter(isGood);
  const bytes = succeeded.reduce(
    (sum, { action, line }) => sum + (action === 'skip' ? 0 : (line.size ?? 0)),
    0,
  );
  const lost = Math.max(0, restore.planned - plan.length);
  const all = plan.length + lost;
  const status: RestoreStatus =
    restore.planId === null || (succeeded.length === 0 && all > 0)
      ? 'failed'
      : succeeded.length === all
        ? 'complete'
        : 'partial';
  const left = `${all - succeeded.length} of ${all} objects are not what the recovery point holds`;
  const unknown = `${lost} of them are unknown, because a part of the plan in the state container was lost`;
  const reason = status === 'complete' ? null : (restore.reason ?? (lost > 0 ? `${left}; ${unknown}` : left));
  return { ...restore, counts, bytes, status, reason, step: 'ended', endedAt: now.toISOString() };
}
