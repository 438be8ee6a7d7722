/**
 * What becomes of each object of a recovery point before its vault is asked: carried from an earlier copy, settled
 * without one, or to be copied. A version's value never changes in Key Vault, so a copy is as good as its object's
 * `created` (of the current version) is the same; attributes are compared for themselves. Pure.
 */
import type { ObjectRef } from './objects.ts';
import { objectKey } from './objects.ts';
import { emptyLine, hasCopy, type PortableLine, type PortableOutcome } from './portablePoint.ts';
import type { PortableWork } from './portableState.ts';
import type { IndexLine } from './recoveryPoint.ts';

export interface PortableFacts {
  readonly isIncluded: (ref: ObjectRef) => boolean;
  /** By objectKey, the lines of the newest seal, if it was of the same recipients and number of versions. */
  readonly base: ReadonlyMap<string, PortableLine>;
  /** The same whatever it was made for: for values that cannot be read any more. */
  readonly earlier: ReadonlyMap<string, PortableLine>;
  readonly now: Date;
  readonly fullEveryDays: number;
}

const dayMs = 86_400_000;
/** A listing has whole seconds: a change in the second of the capture would not show. */
const racySeconds = 2;

export function planPortable(
  index: readonly IndexLine[],
  facts: PortableFacts,
): { settled: PortableLine[]; work: PortableWork[] } {
  const settled: PortableLine[] = [];
  const work: PortableWork[] = [];
  for (const line of index) {
    const decided = decide(line, facts);
    if ('outcome' in decided) settled.push(decided);
    else work.push(decided);
  }
  return { settled, work };
}

function decide(line: IndexLine, facts: PortableFacts): PortableLine | PortableWork {
  const { kind, name } = line;
  const told = (outcome: PortableOutcome, reason: string | null): PortableLine => ({
    ...emptyLine,
    kind,
    name,
    outcome,
    reason,
    ...attributesOf(line),
  });
  if (line.outcome === 'gone') return told('gone', line.reason);
  if (line.outcome === 'skipped') return told('skipped', line.reason);
  if (!facts.isIncluded(line)) return told('excluded', 'the plan leaves it out of portable');
  if (line.enabled === false && kind !== 'key') return disabled(line, facts, told);
  const base = facts.base.get(objectKey(line));
  if (base && isFresh(base, facts) && holdsVersion(line, base) && hasNotChanged(line, base))
    return { ...base, ...(hasCopy(base) ? { outcome: 'carried' as const } : {}) };
  return { kind, name, again: null };
}

/** Its value can be read by nobody now, but it has not changed since an earlier copy of the same version. */
function disabled(
  line: IndexLine,
  facts: PortableFacts,
  told: (outcome: PortableOutcome, reason: string) => PortableLine,
): PortableLine | PortableWork {
  const earlier = facts.earlier.get(objectKey(line));
  if (!hasCopy(earlier) || !holdsVersion(line, earlier))
    return told('disabled', 'a disabled value cannot be read, and no earlier copy holds this version');
  const carried: PortableLine = { ...earlier, ...attributesOf(line), outcome: 'carried' };
  return isFresh(earlier, facts) ? carried : { kind: line.kind, name: line.name, again: carried };
}

const attributesOf = ({
  created,
  updated,
  enabled,
  notBefore,
  expires,
  contentType,
  tagsDigest,
  x5t,
}: IndexLine) => ({
  created,
  updated,
  enabled,
  notBefore,
  expires,
  contentType,
  tagsDigest,
  x5t,
});

/** Storage keeps a blob FULL_EVERY_DAYS longer than a point is offered: no copy may be carried for longer. */
const isFresh = ({ capturedAt }: PortableLine, { now, fullEveryDays }: PortableFacts): boolean =>
  capturedAt !== null && now.getTime() - Date.parse(capturedAt) <= fullEveryDays * dayMs;

const capturedAfter = ({ capturedAt }: PortableLine, second: number): boolean =>
  Date.parse(capturedAt ?? '') / 1000 - second >= racySeconds;

/** Its current version was made in the same second, and no other one in that second after the capture. */
const holdsVersion = (line: IndexLine, base: PortableLine): boolean =>
  line.created !== null && line.created === base.created && capturedAfter(base, line.created);

/**
 * Of a secret that was disabled after its capture only the version counts: its line goes on with the attributes of each
 * run, which are newer than the capture.
 */
const hasNotChanged = (line: IndexLine, base: PortableLine): boolean =>
  base.updated === line.updated && (base.updated === null || capturedAfter(base, base.updated));
