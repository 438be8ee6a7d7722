/**
 * What the final pass of a move has to bring: what changed in the source between the two recovery points, and what the
 * first restore could not bring. Only what this move brought, or found there the same, may give way to the newer one.
 * Pure.
 */
import type { ObjectDifference } from './difference.ts';
import { isOurs, movable, type RestoredObject } from './moveTravel.ts';
import { objectKey } from './objects.ts';
import type { IndexLine } from './recoveryPoint.ts';

export interface FinalPass {
  /** The target has the earlier one of these, from this move: they are replaced. */
  readonly replace: readonly string[];
  /** New in the source, or not brought yet: the policy that the move was asked with holds. */
  readonly bring: readonly string[];
  /** Deleted in the source meanwhile. */
  readonly left: readonly string[];
  /** Changed, but the final point does not hold it. */
  readonly lost: readonly { readonly object: string; readonly why: string }[];
}

export function finalPassOf(
  differences: readonly ObjectDifference[],
  [before, after]: readonly [readonly IndexLine[], readonly IndexLine[]],
  restored: ReadonlyMap<string, RestoredObject>,
): FinalPass {
  const [was, is] = [before, after].map(
    (lines) => new Map(movable(lines).map((line) => [objectKey(line), line])),
  ) as [Map<string, IndexLine>, Map<string, IndexLine>];
  const changed = new Map(differences.map(({ object, change }) => [object, change]));
  const isHeld = (object: string) => is.get(object)?.blob != null;
  const ours = (object: string) => {
    const found = restored.get(object);
    return found !== undefined && isOurs(found);
  };
  const wanted = [...is.keys()].filter((object) => changed.has(object) || !ours(object));
  return {
    replace: wanted.filter((object) => isHeld(object) && ours(object)),
    bring: wanted.filter((object) => isHeld(object) && !ours(object)),
    left: [...was.keys()].filter((object) => changed.get(object) === 'disappeared' && ours(object)),
    lost: wanted
      .filter((object) => !isHeld(object) && ours(object))
      .map((object) => ({
        object,
        why: is.get(object)?.reason ?? 'the final recovery point does not hold it',
      })),
  };
}

/** The first restore's objects with the final pass over them: what that could not replace stays as it came first. */
export function overlaid(
  first: ReadonlyMap<string, RestoredObject>,
  final: ReadonlyMap<string, RestoredObject>,
): Map<string, RestoredObject> {
  const both = new Map(first);
  for (const [object, later] of final) {
    const earlier = first.get(object);
    if (!earlier || !isOurs(earlier) || isOurs(later)) both.set(object, later);
  }
  return both;
}
