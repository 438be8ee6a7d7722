/**
 * How each object of a move travels, from its line in the recovery point and what the restore plans or did to it; and
 * what does not arrive. The key and secret of a certificate are not told: they travel with it. Pure.
 */
import type { MovedObject, Way } from './moveReport.ts';
import { objectKey } from './objects.ts';
import { hasCopy, type PortableLine } from './portablePoint.ts';
import type { IndexLine } from './recoveryPoint.ts';
import { alreadyThere } from './restorePlan.ts';
import { sameCertificate } from './restorePlanPortable.ts';
import type { RestoreDetail } from './restoreViews.ts';

export type RestoredObject = RestoreDetail['objects'][number];

export interface MoveSources {
  readonly lines: readonly IndexLine[];
  /** By objectKey. */
  readonly restored: ReadonlyMap<string, RestoredObject>;
  readonly copies: ReadonlyMap<string, PortableLine>;
}

const isManaged = ({ outcome, reason }: IndexLine): boolean =>
  outcome === 'skipped' && reason?.startsWith('managed') === true;

/** What there is to move: not what a certificate owns, nor what was deleted since it was listed. */
export const movable = (lines: readonly IndexLine[]): IndexLine[] =>
  lines.filter((line) => !isManaged(line) && line.outcome !== 'gone');

export function travelsOf({ lines, restored, copies }: MoveSources): MovedObject[] {
  return movable(lines).map((line) => {
    const object = objectKey(line);
    const planned = restored.get(object);
    const copy = copies.get(object);
    const travels = wayOf(planned);
    return {
      object,
      travels,
      why: whyOf(planned) ?? line.reason ?? 'the recovery point does not hold it',
      loses: travels === 'portable' ? lostByCopy(copy) : [],
      notes: travels === 'not' ? [] : notesOf(line, travels),
      became: null,
    };
  });
}

function wayOf(planned: RestoredObject | undefined): Way {
  if (!planned) return 'not';
  const { action, why, via, travels, outcome } = planned;
  if (outcome !== undefined && !isOurs(planned)) return 'not';
  if (action === 'skip') return isThere(why) ? 'there' : 'not';
  if (action === 'conflict' || action === 'blocked') return 'not';
  return via ?? travels;
}

const whyOf = (planned: RestoredObject | undefined): string | undefined =>
  planned?.outcome !== undefined && !isOurs(planned) ? (planned.reason ?? planned.why) : planned?.why;

const arrived: ReadonlySet<string> = new Set(['restored', 'recovered', 'replaced', 'differs']);

/** The target has it because of this restore, or had it before, the same. */
export const isOurs = ({ outcome, why }: RestoredObject): boolean =>
  outcome !== undefined && (arrived.has(outcome) || (outcome === 'skipped' && isThere(why)));

const isThere = (why: string): boolean => why === alreadyThere || why === sameCertificate;

function lostByCopy(copy: PortableLine | undefined): string[] {
  const [older, disabled] = hasCopy(copy) ? [copy.leftOut?.older ?? 0, copy.leftOut?.disabled ?? 0] : [0, 0];
  return [
    'version ids',
    'created and updated dates',
    ...(older > 0 ? [`${older} older versions, beyond the plan's portable.versions`] : []),
    ...(disabled > 0 ? [`${disabled} disabled versions, which nobody can read`] : []),
  ];
}

/** Microsoft's own warning: with more than about 10 versions a backup may exceed the size that a request can have. */
const manyVersions = 10;
/** A backup carries 500 past versions and not one more; said early, because the way out takes its users with it. */
const nearTheWall = 400;

function notesOf({ kind, keyType, versions, size, rotationPolicy }: IndexLine, travels: Way): string[] {
  const past = (versions ?? 1) - 1;
  const native = travels === 'native' || travels === 'either';
  return [
    ...(keyType?.endsWith('-HSM') ? ['HSM key: the target must be Premium'] : []),
    ...(native && past >= nearTheWall
      ? [`${past} past versions: at 500 no backup takes it any more; make it anew under another name`]
      : native && past >= manyVersions
        ? [
            `${past + 1} versions: above about 10 a backup can grow too large; this one has ${size ?? 0} bytes`,
          ]
        : []),
    ...(kind === 'key' && rotationPolicy && native ? ['its rotation policy is set again'] : []),
    ...(travels === 'either' ? ['by its copy, if the target is in another subscription'] : []),
  ];
}
