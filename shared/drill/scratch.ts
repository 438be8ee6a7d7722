/** The scratch vault: what it holds, and how what a drill made there is removed again, bit by bit as the vault settles. */
import { type DrillState, drillMark } from '../domain/drill.ts';
import { BackupError } from '../domain/errors.ts';
import { type Kind, kinds, objectKey } from '../domain/objects.ts';
import { isPurgeable } from '../domain/restorePlan.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import type { TargetObject, TargetPage } from '../ports/targetVault.ts';
import type { GovernedTarget } from '../restore/deps.ts';

const removalsAtOnce = 8;
/** After this many empty looks in a row, a second apart, what was to be purged is taken to be. */
const mostQuietLooks = 15;
export const settleMs = 1_000;

export interface Scratch {
  readonly live: readonly TargetObject[];
  readonly deleted: readonly TargetObject[];
}

export async function lookAtScratch({ patientCalls }: GovernedTarget): Promise<Scratch> {
  const all = async (page: (kind: Kind, next: string | null) => Promise<TargetPage>) => {
    const objects: TargetObject[] = [];
    for (const kind of kinds) {
      for (let next: string | null = null; ; ) {
        const found: TargetPage = await page(kind, next);
        objects.push(...found.objects);
        if (found.next === null) break;
        next = found.next;
      }
    }
    return objects;
  };
  return {
    live: await all((kind, next) => patientCalls.listPage(kind, next)),
    deleted: await all((kind, next) => patientCalls.listDeletedPage(kind, next)),
  };
}

export const everythingIn = ({ live, deleted }: Scratch): TargetObject[] => [...live, ...deleted];

/** In a vault with purge protection nothing that a drill restores could be removed again for weeks. */
export const isProtected = (scratch: Scratch): boolean =>
  everythingIn(scratch).some(({ recoveryLevel }) => recoveryLevel !== null && !isPurgeable(recoveryLevel));

/** What a certificate owns comes and goes with it, and cannot be named in a call. */
export const partOf = (isMine: (object: TargetObject) => boolean, scratch: Scratch) => {
  const named = everythingIn(scratch).filter(({ managed }) => !managed);
  return { left: named.filter(isMine), foreign: named.filter((object) => !isMine(object)) };
};

/**
 * One look's worth of removing: deletes what lives and purges what is deleted. What is to be deleted is noted in the
 * state first, because a vault that settles shows it neither as live nor as deleted. Null when nothing is left.
 */
export async function removeMine(
  drill: DrillState,
  {
    scratch,
    isMine,
    mayPurge,
  }: { scratch: Scratch; isMine: (object: TargetObject) => boolean; mayPurge: boolean },
  target: GovernedTarget,
): Promise<DrillState | null> {
  const own = (objects: readonly TargetObject[]) =>
    objects.filter((object) => !object.managed && isMine(object));
  const live = own(scratch.live);
  const deleted = mayPurge ? own(scratch.deleted) : [];
  const unnoted = live.map(drillMark).filter((mark) => !drill.pending.includes(mark));
  if (unnoted.length > 0) return { ...drill, pending: [...drill.pending, ...unnoted] };
  if (live.length + deleted.length === 0) {
    // Purged by an invocation that died before it could say so, or still settling.
    const isOver = drill.pending.length === 0 || drill.quiet >= mostQuietLooks;
    return isOver ? null : { ...drill, quiet: drill.quiet + 1 };
  }
  const purged: string[] = [];
  await mapConcurrently(removalsAtOnce, live, (object) => settled(target.patientCalls.remove(object)));
  await mapConcurrently(removalsAtOnce, deleted, async (object) => {
    if (await settled(target.patientCalls.purge(object))) purged.push(drillMark(object));
  });
  const pending = drill.pending.filter((mark) => !purged.includes(mark));
  return { ...drill, pending, quiet: 0, tries: drill.tries + 1 };
}

/** False if the vault says that it is at it already: gone, being deleted, being purged. */
async function settled(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    const unsettled =
      error instanceof BackupError && (error.code === 'notFound' || error.code === 'conflict');
    if (unsettled) return false;
    throw error;
  }
}

export const namesOf = (objects: readonly TargetObject[]): string => {
  const names = objects.map(objectKey);
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
};
