/**
 * Restores through the same machinery as any restore: one object first, which shows whether the scratch vault can lose
 * it again and can decrypt it at all, then the rest. Comparing is what a restore does with every object.
 */
import type { DrillState, DrillStep } from '../domain/drill.ts';
import { RequestRefused } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import type { RestoreState } from '../domain/restoreState.ts';
import type { StepResult } from '../engine/advance.ts';
import { advanceRestoreMessage, requestRestore } from '../restore/requestRestore.ts';
import { readRestore, readRestoreOutcomes } from '../restore/restoreStore.ts';
import { type DrillDeps, type DrillStepOf, failed } from './deps.ts';
import { protectedReason } from './prepareStep.ts';
import { isProtected, lookAtScratch } from './scratch.ts';

const restoreDeadlineMinutes = 120;
const lookMs = 1_000;
const longestLookMs = 10_000;
const mostFailures = 50;

export const probeStep: DrillStepOf = async (drill, deps) => {
  const ended = await restored(drill, 'probe', drill.objects.slice(0, 1), deps);
  if ('delayMs' in ended) return ended;
  const known = await noted(drill, ended.restore, deps);
  const { target } = drill.order;
  if (isProtected(await lookAtScratch(deps.targetOf(target))))
    return toClean({ ...known, reason: known.reason ?? protectedReason(target) }, deps);
  if (known.reason !== null || drill.objects.length === 1) return toClean(known, deps);
  return { state: { ...known, tries: 0, step: 'restore' }, delayMs: 0 };
};

export const restoreStep: DrillStepOf = async (drill, deps) => {
  const ended = await restored(drill, 'restore', drill.objects.slice(1), deps);
  if ('delayMs' in ended) return ended;
  return toClean(await noted(drill, ended.restore, deps), deps);
};

const toClean = (drill: DrillState, deps: DrillDeps): StepResult<DrillState> => ({
  state: { ...drill, tries: 0, step: 'clean', restoredAt: deps.clock.now().toISOString() },
  delayMs: 0,
});

/** Nobody else asks again for a drill's restore, should its message be lost. */
export async function nudgeRestore({ id, nextAt }: RestoreState, deps: DrillDeps): Promise<void> {
  const standsStillMs = deps.clock.now().getTime() - Date.parse(nextAt);
  if (standsStillMs > deps.settings.messageLeaseMs) await deps.queue.send(advanceRestoreMessage(id));
}

/** The ended restore, or what to do until it has ended. */
async function restored(
  drill: DrillState,
  which: Extract<DrillStep, 'probe' | 'restore'>,
  objects: DrillState['objects'],
  deps: DrillDeps,
): Promise<StepResult<DrillState> | { restore: RestoreState }> {
  const id = drill.restores[which];
  if (id === null) return ask(drill, which, objects, deps);
  const found = await readRestore(id, deps);
  if (!found) return failed(drill, `the state of restore ${id} is gone`);
  if (found.restore.step === 'ended') return { restore: found.restore };
  await nudgeRestore(found.restore, deps);
  const delayMs = Math.min(longestLookMs, lookMs * 2 ** Math.min(drill.tries, 4));
  return { state: { ...drill, tries: drill.tries + 1 }, delayMs };
}

async function ask(
  drill: DrillState,
  which: 'probe' | 'restore',
  objects: DrillState['objects'],
  deps: DrillDeps,
): Promise<StepResult<DrillState>> {
  const { vault, target: name, id, plan } = drill.order;
  const target = deps.scratchOf(vault, name);
  if (!target || !drill.point) return failed(drill, `${name} is no scratch vault of ${vault} any more`);
  const request = {
    vault,
    recoveryPoint: drill.point.runId,
    objects: objects.map(objectKey),
    target: name,
    mode: 'native' as const,
    onConflict: 'fail' as const,
    reason: `restore drill ${id} of plan ${plan}`,
    dryRun: false,
    allowPartial: true,
  };
  try {
    const restore = await requestRestore(
      {
        request,
        // Nothing gives way to a drill, whatever the target allows.
        target: { ...target, allowReplace: false },
        caller: { name: 'drill', id: null, address: null },
        idempotencyKey: `drill ${vault} ${id} ${which}`,
      },
      // It must be over before the drill is.
      { ...deps, settings: { ...deps.settings, deadlineMinutes: restoreDeadlineMinutes } },
    );
    return {
      state: { ...drill, tries: 0, restores: { ...drill.restores, [which]: restore.id } },
      delayMs: lookMs,
    };
  } catch (error) {
    if (error instanceof RequestRefused) return failed(drill, `${error.message}. ${error.hint}`);
    throw error;
  }
}

/** What came of a restore goes into the drill's record. */
async function noted(drill: DrillState, restore: RestoreState, deps: DrillDeps): Promise<DrillState> {
  const outcomes = await readRestoreOutcomes(restore.id, deps);
  const bad = [...outcomes]
    .filter(([, { outcome }]) => outcome !== 'restored')
    .map(([key, { outcome, reason }]) => `${key}: ${outcome}${reason ? ` (${reason})` : ''}`);
  const counts = { ...drill.counts };
  for (const [outcome, count] of Object.entries(restore.counts ?? {}))
    counts[outcome] = (counts[outcome] ?? 0) + (count ?? 0);
  const failures = [...drill.failures, ...bad.sort()].slice(0, mostFailures);
  const isGood = restore.status === 'complete' && bad.length === 0;
  return {
    ...drill,
    counts,
    failures,
    reason: drill.reason ?? (isGood ? null : (restore.reason ?? bad[0] ?? 'not restored')),
  };
}
