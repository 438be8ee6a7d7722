/** The seals of portable copies as they lie in the container, and the lines of one. Both the portable and the restore app read them. */
import { parsePortableName, portablePointName, portablePointPrefix } from '../domain/blobNames.ts';
import { BackupError } from '../domain/errors.ts';
import { objectKey, sha256Hex } from '../domain/objects.ts';
import type { SealedAt } from '../domain/portableLag.ts';
import {
  type PortableLine,
  type PortablePoint,
  parsePortableIndex,
  parsePortablePoint,
} from '../domain/portablePoint.ts';
import type { ImmutableContainer } from '../ports/containers.ts';

interface BackupsDeps {
  readonly backups: ImmutableContainer;
}

export interface StoredPortablePoint {
  readonly point: PortablePoint;
  readonly sha256: string;
}

/** Null if there is none for this recovery point (yet). */
export async function readPortablePoint(
  vault: string,
  runId: string,
  { backups }: BackupsDeps,
): Promise<StoredPortablePoint | null> {
  const blob = portablePointName(vault, runId);
  const found = await backups.read(blob);
  if (!found) return null;
  return {
    point: parsePortablePoint(Buffer.from(found.bytes).toString('utf8'), blob),
    sha256: sha256Hex(found.bytes),
  };
}

/** The newest before this run; what cannot be read is passed over, because a run never fails over an old one. */
export async function portablePointBefore(
  vault: string,
  runId: string,
  deps: BackupsDeps,
): Promise<StoredPortablePoint | null> {
  const newest = (await portableSeals(vault, deps)).filter((candidate) => candidate.runId < runId).at(-1);
  return newest ? readPortablePoint(vault, newest.runId, deps).catch(() => null) : null;
}

export async function newestPortablePoint(
  vault: string,
  deps: BackupsDeps,
): Promise<StoredPortablePoint | null> {
  const newest = (await portableSeals(vault, deps)).at(-1);
  return newest ? readPortablePoint(vault, newest.runId, deps) : null;
}

/** Of all seals, oldest first, what their list shows. */
export async function portableSeals(vault: string, { backups }: BackupsDeps): Promise<SealedAt[]> {
  const seals: SealedAt[] = [];
  for await (const { name, metadata, lastModified } of backups.list(portablePointPrefix(vault))) {
    const parsed = parsePortableName(name);
    if (parsed)
      seals.push({ runId: parsed.runId, status: metadata['status'] ?? null, sealedAt: lastModified });
  }
  return seals;
}

/** By objectKey, after the index's digest and count have been compared. */
export async function readPortableIndex(
  { index: { blob, sha256, lines: count }, runId }: PortablePoint,
  { backups }: BackupsDeps,
): Promise<Map<string, PortableLine>> {
  const broken = (what: string) =>
    new BackupError('corruptBlob', `the index ${blob} of the portable copies of ${runId} ${what}`, {
      hint: 'Choose another recovery point, and find out who could change the container.',
    });
  const found = await backups.read(blob);
  if (!found) throw broken('is missing');
  if (sha256Hex(found.bytes) !== sha256) throw broken('has another digest than its seal says');
  const lines = parsePortableIndex(Buffer.from(found.bytes).toString('utf8'), blob);
  if (lines.length !== count) throw broken(`has ${lines.length} lines, not ${count}`);
  return new Map(lines.map((line) => [objectKey(line), line]));
}
