/**
 * Looks at the target before the first write: live and soft-deleted names, recovery level, region. Then decides per
 * object (domain/restorePlan.ts). A dry run ends here.
 */

import { recoveryPointBlobName } from '../domain/blobNames.ts';
import { asBackupError, BackupError, NotNow } from '../domain/errors.ts';
import { compareGeography } from '../domain/geography.ts';
import { type Kind, kinds, objectKey } from '../domain/objects.ts';
import type { IndexLine } from '../domain/recoveryPoint.ts';
import { type Copies, planRestore, type TakenName, workOf } from '../domain/restorePlan.ts';
import { selectObjects } from '../domain/restoreRequest.ts';
import type { RestoreState } from '../domain/restoreState.ts';
import type { StepResult } from '../engine/advance.ts';
import { readIndex, readPoint } from '../engine/catalog.ts';
import type { TargetPage } from '../ports/targetVault.ts';
import type { RestoreDeps, RestoreStepOf } from './deps.ts';
import { copiesOf, inCopies } from './restoreCopies.ts';
import { writeRestorePlan } from './restoreStore.ts';

const triesPerPage = 4;
const mostTries = 20;
const longestWaitMs = 60_000;

export const planStep: RestoreStepOf = async (restore, deps) => {
  const names: { live: Map<string, TakenName>; deleted: Map<string, TakenName> } = {
    live: new Map(),
    deleted: new Map(),
  };
  let region: string | null;
  let lines: readonly IndexLine[];
  let copies: Copies['lines'];
  try {
    copies = await copiesOf({ ...restore, takes: restore.target.portable }, deps);
    lines = await selectedLines(restore, copies, deps);
    const { patientCalls } = deps.targetOf(restore.target.name);
    for (const kind of neededKinds) {
      await collect(names.live, (next) => patientCalls.listPage(kind, next));
      await collect(names.deleted, (next) => patientCalls.listDeletedPage(kind, next));
    }
    region = patientCalls.region();
  } catch (error) {
    return later(restore, error, deps);
  }
  const geography = compareGeography(restore.point.region, region);
  const plan = planRestore(
    lines,
    { ...names, geography },
    { onConflict: restore.request.onConflict, allowReplace: restore.target.allowReplace },
    { mode: restore.target.portable ? restore.request.mode : 'native', lines: copies },
  );
  const planId = deps.newId();
  const work = workOf(plan);
  // What needs work stands first, in the order of the work; the rest is told, not done.
  await writeRestorePlan(
    restore.id,
    planId,
    [...work, ...plan.filter((planned) => !work.includes(planned))],
    deps,
  );
  const planned: RestoreState = { ...restore, planId, planned: plan.length, work: work.length };
  if (restore.request.dryRun) {
    return {
      state: { ...planned, step: 'ended', status: 'planned', endedAt: deps.clock.now().toISOString() },
      delayMs: 0,
      ended: true,
    };
  }
  return { state: { ...planned, step: 'apply' }, delayMs: 0 };
};

/** All three: a certificate needs its name free in every kind, and a key or secret may be owned by one. */
const neededKinds: readonly Kind[] = kinds;

async function collect(
  into: Map<string, TakenName>,
  page: (next: string | null) => Promise<TargetPage>,
): Promise<void> {
  for (let next: string | null = null, tries = 0; ; ) {
    try {
      const { objects, next: following }: TargetPage = await page(next);
      for (const object of objects) into.set(objectKey(object), object);
      if (following === null) return;
      next = following;
      tries = 0;
    } catch (error) {
      tries += 1;
      const fatal = error instanceof NotNow || (error instanceof BackupError && error.code === 'forbidden');
      if (fatal || tries >= triesPerPage) throw error;
    }
  }
}

/** Read again from the container, and held against the digest that was noted when the request came in. */
async function selectedLines(
  { request, point }: RestoreState,
  copies: Copies['lines'],
  deps: RestoreDeps,
): Promise<readonly IndexLine[]> {
  const stored = await readPoint(recoveryPointBlobName(request.vault, point.runId), deps);
  if (stored?.sha256 !== point.sha256) {
    throw new BackupError(
      'corruptBlob',
      `the recovery point ${point.runId} is not the one that was chosen any more`,
      {
        hint: 'Somebody changed the container. Choose another recovery point, and find out who.',
      },
    );
  }
  return selectObjects(await readIndex(stored.point, deps), request.objects, inCopies(copies)).lines;
}

/** The target cannot be looked at now: back with growing waits; a refusal or too many tries ends the restore as failed. */
function later(restore: RestoreState, error: unknown, deps: RestoreDeps): StepResult<RestoreState> {
  const known = error instanceof NotNow ? error : asBackupError(error);
  const planTries = restore.planTries + 1;
  const reason = known instanceof NotNow ? known.message : `${known.message}. ${known.hint}`;
  const hopeless =
    known instanceof BackupError && ['forbidden', 'invalid', 'corruptBlob'].includes(known.code);
  if (hopeless || planTries >= mostTries) {
    const endedAt = deps.clock.now().toISOString();
    deps.events.emit('restore.failed', { id: restore.id, target: restore.target.name, reason });
    return {
      state: { ...restore, planTries, reason, step: 'ended', status: 'failed', endedAt },
      delayMs: 0,
      ended: true,
    };
  }
  const waitMs =
    known instanceof NotNow ? known.delayMs : Math.min(longestWaitMs, 1000 * 2 ** restore.planTries);
  return { state: { ...restore, planTries, reason }, delayMs: Math.max(1000, waitMs) };
}
