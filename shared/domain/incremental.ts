/**
 * When an earlier blob still is the object's backup. Every listed attribute must equal the base's line; the blob must
 * not be too old, nor found missing or corrupt by a verification; and its capture must not have been racy: `updated` has
 * whole seconds, so a change in the second of the capture cannot be seen. Blind spots that no listing shows (attributes
 * of old versions, rotation and certificate policies) are why every blob is captured anew after FULL_EVERY_DAYS.
 */
import type { ListedObject } from './objects.ts';
import type { IndexLine } from './recoveryPoint.ts';

const dayMs = 86_400_000;
/** Judged by the vault's own clock: its Date header when it answered the backup call. */
const racyMs = 2_000;

type Attributes = Pick<
  ListedObject,
  'created' | 'updated' | 'enabled' | 'notBefore' | 'expires' | 'contentType' | 'tagsDigest' | 'x5t'
>;
const compared = [
  'created',
  'updated',
  'enabled',
  'notBefore',
  'expires',
  'contentType',
  'tagsDigest',
  'x5t',
] as const;

/** Whether a listing shows something else than what was planned or recorded. */
export const isChanged = (before: Attributes, now: Attributes): boolean =>
  compared.some((field) => before[field] !== now[field]);

export interface CarryRules {
  readonly startedAt: string;
  readonly fullEveryDays: number;
  /** Blobs that a verification found missing or corrupt. */
  readonly bad: ReadonlySet<string>;
}

export function mayCarry(
  base: IndexLine,
  object: ListedObject,
  { startedAt, fullEveryDays, bad }: CarryRules,
): boolean {
  const captured = base.outcome === 'stored' || base.outcome === 'carried';
  if (!captured || base.blob === null || base.capturedAt === null || base.updated === null) return false;
  const capturedAt = Date.parse(base.capturedAt);
  const tooOld = capturedAt < Date.parse(startedAt) - fullEveryDays * dayMs;
  const racy = capturedAt - base.updated * 1000 < racyMs;
  return !tooOld && !racy && !bad.has(base.blob) && !isChanged(base, object);
}
