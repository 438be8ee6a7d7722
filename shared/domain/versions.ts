/**
 * What an inventory of versions saw of an object, and what of it holds for the object's line. A backup carries 500 past
 * versions, and no listing shows how many there are, so each object's are listed now and then.
 *
 * The capture and the inventory look at different moments. A version says when it was made, in whole seconds: if the
 * newest that the inventory saw was made in the second that the line names, both saw the same newest version; and nothing
 * made later can carry that second once it has passed.
 */
import { z } from 'zod';
import { kinds } from './objects.ts';
import type { IndexLine } from './recoveryPoint.ts';

/** Past versions that a backup can carry (documented), and where the warnings are. */
const mostPastVersions = 500;
const thresholds = [475, 400, 300] as const;
/** As for a racy capture: until then the second may still get another version. */
const settledAfterMs = 2_000;

export const tooManyVersionsHint =
  'A backup carries at most 500 past versions, and they cannot be deleted one by one: create a new object under another name and move its users there.';

const versionsRecord = z.object({
  kind: z.enum(kinds),
  name: z.string(),
  /** Requests that the look took, failed ones too. */
  pages: z.int(),
  /** Null if the versions could not be listed. */
  seen: z
    .object({
      versions: z.int(),
      /** The vault's Date of the first page. */
      at: z.string(),
      /** When the newest version was made, and its id; no id if two were made in that second. */
      created: z.int().nullable(),
      version: z.string().nullable(),
    })
    .nullable(),
});
export type VersionsRecord = z.infer<typeof versionsRecord>;

export const encodeVersionsPart = (records: readonly VersionsRecord[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** What cannot be read is as if it had not been looked at: a run must come to its seal. */
export function parseVersionsPart(text: string): VersionsRecord[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [versionsRecord.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

type Versions = Pick<IndexLine, 'versions' | 'versionsSeenAt' | 'currentVersion'>;
type Known = Versions & Pick<IndexLine, 'created'>;

/** What a list of versions says: how many, and which is the newest. Null for none: it was deleted since it was listed. */
export function describeVersions(
  versions: readonly { readonly version: string; readonly created: number | null }[],
  at: string,
): VersionsRecord['seen'] {
  if (versions.length === 0) return null;
  const created = Math.max(...versions.map((each) => each.created ?? -1));
  const newest = versions.filter((each) => each.created === created);
  const [version = null] = newest.length === 1 ? newest.map((each) => each.version) : [];
  return { versions: versions.length, at, created: created < 0 ? null : created, version };
}

const isSettled = (created: number | null, at: string): boolean =>
  created !== null && Date.parse(at) - created * 1000 >= settledAfterMs;

export interface VersionsEvidence {
  readonly record: VersionsRecord | undefined;
  /** The line that the run's first plan had of the object: a later pass knows nothing of earlier points. */
  readonly first: Known | undefined;
  /** The line may not be what its blob holds: no version id is claimed but the one that the capture itself read. */
  readonly moved: boolean;
}

/**
 * The line with what is known of its versions. Something else than the line's newest version says nothing of the line: it
 * keeps what it had.
 */
export function withVersions(line: IndexLine, { record, first, moved }: VersionsEvidence): IndexLine {
  const kept = keptVersions(first, line);
  const readByCapture = line.kind === 'key' && line.keyType !== null;
  const known = {
    ...line,
    versions: line.versions ?? kept.versions,
    versionsSeenAt: line.versionsSeenAt ?? kept.versionsSeenAt,
    currentVersion: moved && !readByCapture ? null : (line.currentVersion ?? kept.currentVersion),
  };
  const seen = record?.seen;
  if (!seen || seen.created === null || seen.created !== line.created) return known;
  const { versions, at: versionsSeenAt } = seen;
  const pairs = !moved && isSettled(seen.created, seen.at);
  const currentVersion = known.currentVersion ?? (pairs ? seen.version : null);
  return { ...known, versions, versionsSeenAt, currentVersion };
}

/** What a new line of an object keeps of an earlier one: a dated count, and the id of a version that still is the newest. */
export function keptVersions(
  earlier: Known | undefined,
  { created }: { readonly created: number | null },
): Versions {
  const same = created !== null && earlier?.created === created;
  return {
    versions: earlier?.versions ?? null,
    versionsSeenAt: earlier?.versionsSeenAt ?? null,
    currentVersion: same ? earlier.currentVersion : null,
  };
}

/** The dated count of a line, if it is that of its blob: nothing was made after it was taken. Null where that is not known. */
export function countInBlob({
  blob,
  created,
  versions,
  versionsSeenAt,
  capturedAt,
}: IndexLine): number | null {
  if (blob === null || versionsSeenAt === null || capturedAt === null) return null;
  return isSettled(created, versionsSeenAt) && isSettled(created, capturedAt) ? versions : null;
}

/** A failure of an object that has too many versions says so, whatever the vault answered: its answer is documented nowhere. */
export function namingTooMany(line: IndexLine): IndexLine {
  const { outcome, versions, versionsSeenAt } = line;
  const reason = line.reason ?? '';
  if (outcome !== 'failed' || versions === null || reason.startsWith('tooManyVersions')) return line;
  if (versions - 1 <= mostPastVersions) return line;
  return {
    ...line,
    reason: `tooManyVersions: it had ${versions} versions at ${versionsSeenAt}; the backup failed with ${reason}. ${tooManyVersionsHint}`,
  };
}

/** The highest of the thresholds that the past versions have reached; null below all. */
export const thresholdReached = (versions: number | null): number | null =>
  thresholds.find((threshold) => (versions ?? 0) - 1 >= threshold) ?? null;
