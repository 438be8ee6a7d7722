/**
 * What a restore will do to each object, decided before the first write from what the target holds. Pure.
 *
 * restore   the name is free            skip     nothing to do, or the policy leaves it alone
 * replace   the live one gives way      recover  the soft-deleted one already is what the point holds
 * conflict  the name is taken           blocked  it cannot be done in this target, whatever the policy
 */
import { z } from 'zod';
import type { SameGeography } from './geography.ts';
import { type Kind, objectKey } from './objects.ts';
import { type PortableLine, portableLine } from './portablePoint.ts';
import { type IndexLine, indexLine } from './recoveryPoint.ts';
import { decidePortable, noCopies } from './restorePlanPortable.ts';
import type { ConflictPolicy, RestoreMode } from './restoreRequest.ts';
import { differences, type SeenFacts } from './restoreVerify.ts';

export const restoreActions = ['restore', 'skip', 'conflict', 'replace', 'recover', 'blocked'] as const;
export type RestoreAction = (typeof restoreActions)[number];

export const plannedObject = z.object({
  action: z.enum(restoreActions),
  why: z.string(),
  line: indexLine,
  /** Absent: natively. `either`: natively, and by its copy if the target turns out to be of another geography or subscription. */
  via: z.enum(['portable', 'either']).optional(),
  copy: portableLine.nullable().optional(),
});
export type PlannedObject = z.infer<typeof plannedObject>;

/** An object as the target's lists show it. */
export interface TakenName extends SeenFacts {
  readonly kind: Kind;
  readonly name: string;
  readonly managed: boolean;
  readonly recoveryLevel: string | null;
}

export interface TargetView {
  /** By objectKey. */
  readonly live: ReadonlyMap<string, TakenName>;
  readonly deleted: ReadonlyMap<string, TakenName>;
  readonly geography: SameGeography;
}

export interface RestorePolicy {
  readonly onConflict: ConflictPolicy;
  /** The target may lose objects to a replacement, and we have the rights for it. */
  readonly allowReplace: boolean;
}

/** How objects travel, and what copies there are, by objectKey; null if the point has none. */
export interface Copies {
  readonly mode: RestoreMode;
  readonly lines: ReadonlyMap<string, PortableLine> | null;
}

export function planRestore(
  lines: readonly IndexLine[],
  target: TargetView,
  policy: RestorePolicy,
  { mode, lines: copies }: Copies = { mode: 'native', lines: null },
): PlannedObject[] {
  const portable = mode === 'portable' || (mode === 'auto' && target.geography === 'different');
  return lines.map((line) => {
    const copy = copies?.get(objectKey(line)) ?? null;
    if (portable) {
      const decided = copies ? decidePortable(line, copy, target, policy) : noCopies;
      return { ...decided, line, via: 'portable', copy };
    }
    const decided = decide(line, target, policy);
    // What is recovered needs nothing decrypted; what is skipped or refused stays so.
    const either = mode === 'auto' && (decided.action === 'restore' || decided.action === 'replace');
    return { ...decided, line, ...(either ? { via: 'either' as const, copy } : {}) };
  });
}

export const inOtherGeography =
  'wrongGeography: the target is in another geography, where Key Vault cannot decrypt this blob; use a portable copy (mode portable or auto)';

/** Of a `skip` that is no policy's: the object is there. */
export const alreadyThere = 'it already is what the recovery point holds';

export type Decision = Pick<PlannedObject, 'action' | 'why'>;
export const decision = (action: RestoreAction, why: string): Decision => ({ action, why });

function decide(line: IndexLine, target: TargetView, policy: RestorePolicy): Decision {
  if (target.geography === 'different') {
    return decision('blocked', inOtherGeography);
  }
  const live = target.live.get(objectKey(line));
  if (live) return decideLive(line, live, policy);
  const other = otherOfThatName(line, target);
  if (other) return decision('conflict', other);
  const deleted = target.deleted.get(objectKey(line));
  if (deleted) return decideDeleted(line, deleted, policy);
  return decision('restore', 'the name is free');
}

function decideLive(line: IndexLine, live: TakenName, policy: RestorePolicy): Decision {
  if (live.managed)
    return decision('conflict', `a certificate of the target owns the ${line.kind} of this name`);
  const changed = differences(line, live);
  if (changed.length === 0) return decision('skip', alreadyThere);
  const taken = `the target has another one of this name (differs in ${changed.join(', ')})`;
  if (policy.onConflict === 'skip') return decision('skip', `${taken}, which is left alone`);
  if (policy.onConflict === 'fail') return decision('conflict', taken);
  return replaceable(live, policy) ?? decision('replace', `${taken}, which gives way after a safety copy`);
}

function decideDeleted(line: IndexLine, deleted: TakenName, policy: RestorePolicy): Decision {
  if (deleted.managed)
    return decision(
      'conflict',
      `a soft-deleted certificate of the target owns the ${line.kind} of this name`,
    );
  const changed = differences(line, deleted);
  const taken = 'a soft-deleted one holds the name';
  if (changed.length === 0) {
    if (!policy.allowReplace)
      return decision(
        'blocked',
        `${taken} and is what the recovery point holds: recover it (the target does not allow us to)`,
      );
    return decision('recover', `${taken} and already is what the recovery point holds`);
  }
  if (policy.onConflict === 'skip') return decision('skip', `${taken}, which is left alone`);
  if (policy.onConflict === 'fail')
    return decision(
      'conflict',
      `${taken} (differs in ${changed.join(', ')}); recover or purge it, or use onConflict replace`,
    );
  return (
    replaceable(deleted, policy) ?? decision('replace', `${taken}, which is recovered, copied and gives way`)
  );
}

/** Null if the one that is there may be replaced. */
function replaceable({ recoveryLevel }: TakenName, { allowReplace }: RestorePolicy): Decision | null {
  if (!allowReplace)
    return decision(
      'blocked',
      'the target is not configured to allow replacements (RESTORE_TARGETS, allowReplace)',
    );
  if (!isPurgeable(recoveryLevel))
    return decision(
      'blocked',
      'the target has purge protection: a deleted name stays taken until its retention ends',
    );
  return null;
}

/** Recovery levels name what is possible: `…+Purgeable` can be purged, `Purgeable` alone has no soft delete at all. */
export const isPurgeable = (recoveryLevel: string | null): boolean =>
  recoveryLevel?.includes('Purgeable') === true;

/** A certificate owns a key and a secret of its name, so it needs all three names; theirs are taken by a certificate. */
export function otherOfThatName(line: IndexLine, { live, deleted }: TargetView): string | null {
  const others: readonly Kind[] = line.kind === 'certificate' ? ['key', 'secret'] : ['certificate'];
  for (const kind of others) {
    const key = objectKey({ kind, name: line.name });
    const lone = live.get(key);
    if (lone && !lone.managed) return `the target has a ${kind} of this name`;
    const gone = deleted.get(key);
    if (gone && !gone.managed && !deleted.has(objectKey(line)))
      return `a soft-deleted ${kind} of the target holds this name`;
  }
  return null;
}

/** Plain restores first, then what is only recovered, then what something has to give way for. */
const order: Readonly<Record<RestoreAction, number>> = {
  restore: 0,
  recover: 1,
  replace: 2,
  skip: 3,
  conflict: 3,
  blocked: 3,
};
export const isWork = ({ action }: PlannedObject): boolean => order[action] < 3;
export const workOf = (plan: readonly PlannedObject[]): PlannedObject[] =>
  plan.filter(isWork).sort((a, b) => order[a.action] - order[b.action]);
