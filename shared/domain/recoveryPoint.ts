/**
 * Format version 1 of what is sealed: the lines of an index, and the recovery point that names the index by digest.
 * Every field is present, null where unknown. Readers ignore fields they do not know and refuse a format they do not know.
 * docs/format.md describes it for people; test/golden keeps a point of every released version.
 */
import { z } from 'zod';
import { BackupError } from './errors.ts';
import { kinds } from './objects.ts';
import { parseStored, parseStoredLines } from './stored.ts';

export const formatVersion = 1;

const epoch = z.int().nullable();

export const finalOutcomes = ['stored', 'carried', 'gone', 'skipped', 'failed'] as const;

export const rotationPolicy = z.object({
  expiryTime: z.string().nullable(),
  actions: z.array(
    z.object({
      action: z.string(),
      timeAfterCreate: z.string().nullable(),
      timeBeforeExpiry: z.string().nullable(),
    }),
  ),
});
export type RotationPolicy = z.infer<typeof rotationPolicy>;

export const indexLine = z
  .object({
    kind: z.enum(kinds),
    name: z.string(),
    outcome: z.enum(finalOutcomes),
    /** Why, for skipped and failed: a code, then words. */
    reason: z.string().nullable(),
    blob: z.string().nullable(),
    size: z.int().nullable(),
    sha256: z.string().nullable(),
    /** The vault's own Date when it answered the backup call. */
    capturedAt: z.string().nullable(),
    pass: z.int().nullable(),
    created: epoch,
    updated: epoch,
    enabled: z.boolean().nullable(),
    notBefore: epoch,
    expires: epoch,
    contentType: z.string().nullable(),
    tagNames: z.array(z.string()),
    tagsDigest: z.string().nullable(),
    currentVersion: z.string().nullable(),
    versions: z.int().nullable(),
    versionsSeenAt: z.string().nullable(),
    keyType: z.string().nullable(),
    publicKeyDigest: z.string().nullable(),
    x5t: z.string().nullable(),
    rotationPolicy: rotationPolicy.nullable(),
    portable: z.unknown().nullable(),
  })
  .meta({ id: 'ObjectLine' });
export type IndexLine = z.infer<typeof indexLine>;

/** What a run or restore asked of its vault. */
export const requestRecord = z
  .object({
    vault: z.int(),
    throttled: z.int(),
    /** How long the vault was paused, and the lowest share of the budget that was used (1 is all of it). */
    pausedMs: z.number(),
    slowest: z.number(),
  })
  .meta({ id: 'Requests' });
export type RequestRecord = z.infer<typeof requestRecord>;
export const noRequests: RequestRecord = { vault: 0, throttled: 0, pausedMs: 0, slowest: 1 };

/** Adds what was counted since the last record. */
export const addRequests = (
  record: RequestRecord,
  made: { vault: number; throttled: number; pausedMs?: number; slowest?: number },
): RequestRecord => ({
  vault: record.vault + made.vault,
  throttled: record.throttled + made.throttled,
  pausedMs: Math.round(record.pausedMs + (made.pausedMs ?? 0)),
  slowest: Math.min(record.slowest, made.slowest ?? 1),
});

const digest = z.object({ runId: z.string(), sha256: z.string() });

export const pointStatuses = ['complete', 'partial', 'failed'] as const;
export type PointStatus = (typeof pointStatuses)[number];

export const counts = z.object({
  listed: z.int(),
  stored: z.int(),
  carried: z.int(),
  gone: z.int(),
  skipped: z.int(),
  failed: z.int(),
});
export type Counts = z.infer<typeof counts>;

export const recoveryPoint = z
  .object({
    format: z.literal(formatVersion),
    vault: z.string(),
    vaultUrl: z.string(),
    region: z.string().nullable(),
    subscription: z.string().nullable(),
    plan: z.string(),
    justification: z.string(),
    runId: z.string(),
    trigger: z.enum(['timer', 'manual']),
    status: z.enum(pointStatuses),
    /** Why the status is not `complete`, in words; null if it is. */
    reason: z.string().nullable(),
    /** Kinds that could not be listed, so that nothing is known of their objects. Never empty-handed silently. */
    unlisted: z.array(z.object({ kind: z.enum(kinds), reason: z.string() })),
    startedAt: z.string(),
    sealedAt: z.string(),
    expiresAt: z.string(),
    counts,
    bytes: z.int(),
    index: z.object({ blob: z.string(), sha256: z.string(), lines: z.int() }),
    previous: digest.nullable(),
    base: digest.nullable(),
    consistency: z.object({ passes: z.int(), changedDuringRun: z.array(z.string()) }),
    requests: requestRecord,
    /** Objects whose versions this run listed, and how many of its requests that took; earlier versions did not. */
    inventory: z.object({ seen: z.int(), requests: z.int() }).optional(),
    immutability: z.enum(['policy', 'none', 'unknown']),
    app: z.string(),
  })
  .meta({ id: 'RecoveryPoint' });
export type RecoveryPoint = z.infer<typeof recoveryPoint>;

const anyFormat = z.object({ format: z.number() });

/** Parses stored bytes; a format that this version does not know is refused by name. */
export function parseRecoveryPoint(text: string, blob = 'the recovery point'): RecoveryPoint {
  const { format } = parseStored(blob, text, anyFormat, 'immutable');
  if (format !== formatVersion)
    throw new BackupError(
      'corruptBlob',
      `recovery point format ${format} is not known to this version, which reads ${formatVersion}`,
      { hint: 'Run the version of this app that wrote it, or a newer one.' },
    );
  return parseStored(blob, text, recoveryPoint, 'immutable');
}

export const encodeIndex = (lines: readonly IndexLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

export const parseIndex = (text: string, blob = 'the index'): IndexLine[] =>
  parseStoredLines(blob, text, indexLine, 'immutable');
