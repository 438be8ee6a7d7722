/**
 * A comparison of a recovery point with a live vault: what is asked, its state (`diffs/<id>.json` in the state container;
 * no record, so it may be lost), and what versions a secondary lacks. A restored object takes no further versions, so what
 * is behind there stays behind until it is replaced. What either side does not know is `unknown`, never the same.
 */
import { z } from 'zod';
import { differenceCounts, objectDifference, unknownKind } from './difference.ts';
import type { IndexLine } from './recoveryPoint.ts';
import { countInBlob, type VersionsRecord } from './versions.ts';

const name = z.string().regex(/^[0-9A-Za-z-]{1,63}$/, 'write the name of a vault');

export const diffRequest = z.strictObject({
  vault: name,
  recoveryPoint: z
    .string()
    .max(64)
    .default('latest')
    .describe('A run id, an instant (the newest point sealed by then) or `latest`.'),
  target: name
    .optional()
    .describe(
      'The secondary to compare with, in the restore app; without it the vault itself, in the backup app.',
    ),
});
export type DiffRequest = z.infer<typeof diffRequest>;

export const versionsVerdicts = ['same', 'behind', 'ahead', 'other', 'unknown'] as const;
export const versionsDrift = z
  .object({
    verdict: z
      .enum(versionsVerdicts)
      .describe('behind: the live object lacks versions of the point. other: another one of the same name.'),
    inPoint: z.int().nullable(),
    live: z.int().nullable(),
    missing: z.int().nullable().describe('How many it lacks, if both counts are known.'),
    why: z.string(),
  })
  .meta({ id: 'VersionsDrift' });
export type VersionsDrift = z.infer<typeof versionsDrift>;

/** Only objects with something to tell; `change` is null where only the versions are. */
export const liveDifference = z
  .object({
    ...objectDifference.shape,
    change: objectDifference.shape.change.nullable(),
    versions: versionsDrift.nullable(),
  })
  .meta({ id: 'LiveDifference' });
export type LiveDifference = z.infer<typeof liveDifference>;

export const diffState = z.object({
  v: z.literal(1),
  id: z.string(),
  vault: z.string(),
  live: z.object({ name: z.string(), role: z.enum(['source', 'target']) }),
  point: z.object({ runId: z.string(), sha256: z.string() }),
  status: z.enum(['running', 'complete', 'failed']),
  reason: z.string().nullable(),
  startedAt: z.iso.datetime(),
  deadline: z.iso.datetime(),
  nextAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  tries: z.int(),
  /** Names the blobs with what was listed, and with the result. */
  listing: z.string().nullable(),
  result: z.string().nullable(),
  unknown: z.array(unknownKind),
  counts: differenceCounts
    .extend({ versions: z.partialRecord(z.enum(versionsVerdicts), z.int()) })
    .nullable(),
  /** Calls of the live vault. */
  requests: z.int(),
});
export type DiffState = z.infer<typeof diffState>;

const { id, vault, status, reason, startedAt, endedAt, unknown, counts, requests, live } = diffState.shape;
export const diffDetail = z
  .object({
    id,
    vault,
    live,
    recoveryPoint: z.string(),
    status,
    reason,
    startedAt,
    endedAt,
    unknown,
    counts,
    requests,
    objects: z.array(liveDifference),
    next: z.string().nullable().describe('Null on the last page.'),
  })
  .meta({ id: 'Diff' });
export type DiffDetail = z.infer<typeof diffDetail>;

const remedy = 'a restored object takes no further versions: replace it by a restore with onConflict replace';

/** What the live object's versions are beside those of the point. */
export function driftOf(line: IndexLine, seen: VersionsRecord['seen']): VersionsDrift {
  const inPoint = countInBlob(line);
  const live = seen?.versions ?? null;
  const lacks = inPoint !== null && live !== null ? Math.max(0, inPoint - live) : null;
  const tell = (verdict: VersionsDrift['verdict'], why: string, missing: number | null = null) => ({
    verdict,
    inPoint,
    live,
    missing,
    why,
  });
  if (!seen || live === null) return tell('unknown', 'its versions could not be listed');
  if (seen.created === null || line.created === null)
    return tell('unknown', 'when the newest was made is not known');
  if (seen.created < line.created)
    return tell(
      'behind',
      `the newest version of the point is not there; ${remedy}`,
      lacks === 0 ? null : lacks,
    );
  if (seen.created > line.created) return tell('ahead', 'it has a version that is newer than the point');
  if (line.currentVersion === null || seen.version === null)
    return tell(
      'unknown',
      'the point does not know the id of the newest version, or two were made in one second',
    );
  if (line.currentVersion !== seen.version) return tell('other', 'its newest version is another one');
  if (lacks === null || inPoint === null)
    return tell('unknown', 'the point does not know how many versions there were');
  if (lacks > 0) return tell('behind', `earlier versions are not there; ${remedy}`, lacks);
  return live > inPoint
    ? tell('ahead', 'it has versions that the point does not have')
    : tell('same', 'the same', 0);
}
