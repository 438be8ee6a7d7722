/**
 * A comparison of the target with the recovery point, read as a move has to: what could not travel is not missing, what
 * came by a copy has new version ids and dates, and a name that another object holds is told as a clash, not here. Pure.
 */
import type { DiffDetail, LiveDifference } from './liveDiff.ts';
import type { MoveComparison, MovedObject } from './moveReport.ts';

const newByNature: ReadonlySet<string> = new Set(['created', 'updated', 'currentVersion']);
const badVersions: ReadonlySet<string> = new Set(['behind', 'other']);

export function comparisonOf(
  { objects: differences, unknown }: Pick<DiffDetail, 'objects' | 'unknown'>,
  moved: readonly MovedObject[],
): MoveComparison {
  const travels = new Map(moved.map((one) => [one.object, one.travels]));
  const comparison: MoveComparison = { missing: [], differs: [], more: [], unknown: [] };
  for (const difference of differences) {
    const { object, change } = difference;
    const way = travels.get(object);
    if (change === 'appeared') comparison.more.push(object);
    // What a certificate owns is compared as the certificate.
    else if (way === undefined || way === 'not') continue;
    else if (change === 'disappeared') comparison.missing.push(object);
    else {
      const differing = differingIn(difference, way === 'portable');
      if (differing.length > 0) comparison.differs.push({ object, in: differing });
    }
  }
  comparison.unknown.push(...unknown.map(({ kind, reason }) => `${kind}s: ${reason}`));
  return comparison;
}

function differingIn({ attributes, versions }: LiveDifference, byCopy: boolean): string[] {
  const named = attributes.map(({ attribute }) => attribute);
  if (byCopy) return named.filter((attribute) => !newByNature.has(attribute));
  return versions && badVersions.has(versions.verdict) ? [...named, `versions ${versions.verdict}`] : named;
}
