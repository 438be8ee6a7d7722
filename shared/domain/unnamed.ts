/**
 * Blobs that no recovery point names. None of them is a backup and none is an error by itself: a capture that a later
 * pass replaced, the work of a run that never got its point, or something that this app did not write.
 */
import {
  parseCaptureBlobName,
  parseConfigName,
  parseIndexBlobName,
  parsePortableName,
  parseRecoveryPointBlobName,
} from './blobNames.ts';
import type { UnnamedBlobs, UnnamedKind } from './verification.ts';

const mostListed = 100;

export interface Surroundings {
  readonly named: (blob: string) => boolean;
  /** Runs that have a point, offered or not. */
  readonly sealed: ReadonlySet<string>;
  /** The run that goes on now: its blobs are named when it ends. */
  readonly active: string | null;
  /** Whether the points of that run's time have expired; storage deletes their blobs some days later. */
  readonly expired: (runId: string) => boolean;
}

export function unnamedOf(
  blobs: Iterable<{ readonly name: string; readonly size: number }>,
  around: Surroundings,
): UnnamedBlobs {
  const counts: Record<UnnamedKind, number> = { superseded: 0, unsealed: 0, stranger: 0 };
  const listed: UnnamedBlobs['blobs'] = [];
  let bytes = 0;
  for (const { name, size } of blobs) {
    const why = around.named(name) ? null : kindOf(name, around);
    if (why === null) continue;
    counts[why] += 1;
    bytes += size;
    if (listed.length < mostListed) listed.push({ blob: name, why });
  }
  return { ...counts, bytes, blobs: listed };
}

function kindOf(name: string, { sealed, active, expired }: Surroundings): UnnamedKind | null {
  // Portable copies are named by a seal of their own, minutes later; a vault's settings stand for themselves.
  if (parseRecoveryPointBlobName(name) || parsePortableName(name) || parseConfigName(name)) return null;
  const run = parseCaptureBlobName(name) ?? parseIndexBlobName(name);
  if (!run) return 'stranger';
  if (run.runId === active || expired(run.runId)) return null;
  return sealed.has(run.runId) ? 'superseded' : 'unsealed';
}
