/**
 * Recovery points as they lie in the container, which is the only truth about them: never a pointer, never a cache.
 * A point whose run id lies well after the store's own clock at its creation was written under a wrong clock (or to
 * push good points out of sight) and is ignored, loudly.
 */
import { parseRecoveryPointBlobName, recoveryPointPrefix } from '../domain/blobNames.ts';
import { BackupError } from '../domain/errors.ts';
import { sha256Hex } from '../domain/objects.ts';
import {
  type IndexLine,
  parseIndex,
  parseRecoveryPoint,
  type RecoveryPoint,
} from '../domain/recoveryPoint.ts';
import { instantOf, type RunId } from '../domain/runId.ts';
import type { BlobFacts, ImmutableContainer } from '../ports/containers.ts';
import type { Events } from '../ports/events.ts';

const largestLeadMs = 5 * 60_000;

export interface CatalogDeps {
  readonly backups: ImmutableContainer;
  readonly events: Events;
}

export interface PointEntry {
  readonly runId: RunId;
  readonly blob: string;
  /** Status and counts stand in the metadata too, so that a list needs no reads. */
  readonly status: string | null;
  readonly facts: BlobFacts;
}

/** All points of a vault, oldest first. */
export async function listPoints(vault: string, deps: CatalogDeps): Promise<PointEntry[]> {
  const entries: PointEntry[] = [];
  for await (const facts of deps.backups.list(recoveryPointPrefix(vault))) {
    const parsed = parseRecoveryPointBlobName(facts.name);
    const instant = parsed && instantOf(parsed.runId);
    if (!parsed || !instant) continue;
    if (instant.getTime() - facts.lastModified.getTime() > largestLeadMs) {
      deps.events.emit('point.ignored', {
        vault,
        blob: facts.name,
        reason: 'its run id lies after the time it was written',
      });
      continue;
    }
    entries.push({ runId: parsed.runId, blob: facts.name, status: facts.metadata['status'] ?? null, facts });
  }
  return entries;
}

export interface StoredPoint {
  readonly point: RecoveryPoint;
  /** SHA-256 of the point's own bytes: the link of the chain. */
  readonly sha256: string;
}

export async function readPoint(blob: string, deps: CatalogDeps): Promise<StoredPoint | null> {
  const found = await deps.backups.read(blob);
  if (!found) return null;
  return {
    point: parseRecoveryPoint(Buffer.from(found.bytes).toString('utf8'), blob),
    sha256: sha256Hex(found.bytes),
  };
}

/** The lines of a point, after its index's digest and count have been compared. */
export async function readIndex(
  point: RecoveryPoint,
  deps: Pick<CatalogDeps, 'backups'>,
): Promise<IndexLine[]> {
  const { blob, sha256, lines: count } = point.index;
  const broken = (what: string) =>
    new BackupError('corruptBlob', `the index ${blob} of recovery point ${point.runId} ${what}`, {
      hint: 'Choose another recovery point, and find out who could change the container.',
    });
  const found = await deps.backups.read(blob);
  if (!found) throw broken('is missing');
  if (sha256Hex(found.bytes) !== sha256) throw broken('has another digest than the point says');
  const lines = parseIndex(Buffer.from(found.bytes).toString('utf8'), blob);
  if (lines.length !== count) throw broken(`has ${lines.length} lines, not ${count}`);
  return lines;
}

export interface PointBefore {
  readonly runId: RunId;
  readonly sha256: string;
  /** Null if it cannot be read: of a format that this version does not know, or damaged. */
  readonly point: RecoveryPoint | null;
}

/** The newest point of any status that lies before this run: what the chain goes on from, readable or not. */
export async function pointBefore(
  vault: string,
  runId: RunId,
  deps: CatalogDeps,
): Promise<PointBefore | null> {
  const entry = (await listPoints(vault, deps)).filter((candidate) => candidate.runId < runId).at(-1);
  const found = entry && (await deps.backups.read(entry.blob));
  if (!found) return null;
  return { runId: entry.runId, sha256: sha256Hex(found.bytes), point: readable(found.bytes, entry.blob) };
}

function readable(bytes: Uint8Array, blob: string): RecoveryPoint | null {
  try {
    return parseRecoveryPoint(Buffer.from(bytes).toString('utf8'), blob);
  } catch {
    return null;
  }
}

/** The newest point that is not failed; null if there is none. */
export async function newestUsablePoint(vault: string, deps: CatalogDeps): Promise<StoredPoint | null> {
  const entry = (await listPoints(vault, deps)).filter((candidate) => candidate.status !== 'failed').at(-1);
  return entry ? readPoint(entry.blob, deps) : null;
}
