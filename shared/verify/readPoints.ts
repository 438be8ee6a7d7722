/** Reads the recovery points that are still offered, and what their indexes name. What cannot be read is a finding. */
import { account } from '../domain/accounting.ts';
import { portablePointName, recoveryPointBlobName } from '../domain/blobNames.ts';
import type { ChainLink } from '../domain/chain.ts';
import { asBackupError } from '../domain/errors.ts';
import { objectKey, sha256Hex } from '../domain/objects.ts';
import type { PortableLine } from '../domain/portablePoint.ts';
import { type IndexLine, parseRecoveryPoint, type RecoveryPoint } from '../domain/recoveryPoint.ts';
import { instantOf } from '../domain/runId.ts';
import type { Finding } from '../domain/verification.ts';
import type { ExpectedBlob, VerifyState } from '../domain/verifyState.ts';
import { listPoints, type PointEntry, readIndex } from '../engine/catalog.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import { readPortableIndex, readPortablePoint } from '../engine/portablePoints.ts';
import type { VerifyDeps } from './deps.ts';

const readsAtOnce = 8;
const dayMs = 86_400_000;

export interface OfferedPoint extends ChainLink {
  readonly blob: string;
  readonly point: RecoveryPoint | null;
}

export interface OfferedPoints {
  readonly offered: readonly OfferedPoint[];
  /** Runs that have a point, expired ones too. */
  readonly sealed: ReadonlySet<string>;
  readonly findings: Finding[];
}

export const expiredBy = (runId: string, { clock, settings }: VerifyDeps): boolean =>
  (instantOf(runId)?.getTime() ?? 0) + settings.retentionDays * dayMs <= clock.now().getTime();

export async function readPoints(
  { vault, recoveryPoint }: VerifyState,
  deps: VerifyDeps,
): Promise<OfferedPoints> {
  const entries = await listPoints(vault, deps);
  const wanted = entries.filter(({ runId }) => recoveryPoint === null || runId === recoveryPoint);
  const findings: Finding[] = [];
  if (recoveryPoint !== null && wanted.length === 0)
    findings.push(bad('point', recoveryPointBlobName(vault, recoveryPoint), 'is not there to be read'));
  const now = deps.clock.now().getTime();
  const read = await mapConcurrently(readsAtOnce, wanted, async (entry) => {
    const { found, problem } = await readOne(entry, deps);
    const isOffered = found.point ? Date.parse(found.point.expiresAt) > now : !expiredBy(entry.runId, deps);
    if (isOffered && problem) findings.push(bad('point', entry.blob, problem));
    return isOffered ? [found] : [];
  });
  return { offered: read.flat(), sealed: new Set(entries.map(({ runId }) => runId)), findings };
}

async function readOne(
  { blob, runId, facts }: PointEntry,
  deps: VerifyDeps,
): Promise<{ found: OfferedPoint; problem: string | null }> {
  const stored = await deps.backups.read(blob);
  const seen = { blob, runId, writtenAt: facts.lastModified, sha256: sha256Hex(stored?.bytes ?? '') };
  const unread = { ...seen, point: null, previous: undefined };
  if (!stored) return { found: unread, problem: 'was listed and then not there' };
  try {
    const point = parseRecoveryPoint(Buffer.from(stored.bytes).toString('utf8'));
    const problem = point.runId === runId ? null : `says that it is of run ${point.runId}`;
    return { found: { ...seen, point, previous: point.previous }, problem };
  } catch {
    return {
      found: unread,
      problem: 'cannot be read as a recovery point of a format that this version knows',
    };
  }
}

/** A blob as the points' indexes name it; `seen` if the verification that this one goes on from could know it. */
export interface NamedBlob extends ExpectedBlob {
  readonly seen: boolean;
}

/** All blobs that the points name, each once; one that two points describe differently, once per description. */
export async function readNamed(
  offered: readonly OfferedPoint[],
  seenUntil: number,
  deps: VerifyDeps,
): Promise<{ named: NamedBlob[]; findings: Finding[] }> {
  const named = new Map<string, NamedBlob>();
  const findings: Finding[] = [];
  // One after the other: the index of a large vault has megabytes, and there are as many as days of retention.
  for (const { point, runId, writtenAt } of offered) {
    if (!point) continue;
    const index = await readLines(point, deps);
    if (typeof index === 'string') {
      findings.push(bad('index', point.index.blob, index));
      continue;
    }
    const copies = await copiesOf(point, deps);
    if (typeof copies === 'string')
      findings.push(bad('index', portablePointName(point.vault, runId), copies));
    const seen = writtenAt.getTime() <= seenUntil;
    for (const { kind, name, blob, size, sha256 } of [...index, ...(copies instanceof Array ? copies : [])]) {
      if (blob === null) continue;
      const key = `${blob} ${size} ${sha256}`;
      const before = named.get(key);
      const { points, oldest } = before?.namedBy ?? { points: 0, oldest: runId };
      named.set(key, {
        ...(before ?? { blob, size, sha256, object: objectKey({ kind, name }) }),
        namedBy: { points: points + 1, oldest, newest: runId },
        seen: seen || before?.seen === true,
      });
    }
  }
  return { named: [...named.values()], findings };
}

/** The lines of a whole index, or what is wrong with it. Storage that cannot be reached is neither. */
async function readLines(point: RecoveryPoint, deps: VerifyDeps): Promise<IndexLine[] | string> {
  try {
    const lines = await readIndex(point, deps);
    const { counts, discrepancy } = account(lines, point.counts.listed);
    const differs = JSON.stringify(counts) !== JSON.stringify(point.counts) && !discrepancy;
    return differs ? `recovery point ${point.runId} has other counts than its index` : lines;
  } catch (error) {
    const { code, message } = asBackupError(error);
    if (code === 'unreachable' || code === 'forbidden' || code === 'throttled') throw error;
    return message;
  }
}

/** The lines of the point's portable copies, none if it has none, or what is wrong with them. */
async function copiesOf({ vault, runId }: RecoveryPoint, deps: VerifyDeps): Promise<PortableLine[] | string> {
  try {
    const sealed = await readPortablePoint(vault, runId, deps);
    return sealed ? [...(await readPortableIndex(sealed.point, deps)).values()] : [];
  } catch (error) {
    const { code, message } = asBackupError(error);
    if (code === 'unreachable' || code === 'forbidden' || code === 'throttled') throw error;
    return code === 'internal' ? `the seal of the portable copies of ${runId} cannot be read` : message;
  }
}

const bad = (what: 'point' | 'index', blob: string, reason: string): Finding => ({
  what,
  blob,
  object: null,
  namedBy: null,
  reason: what === 'point' ? `recovery point ${blob} ${reason}` : reason,
});
