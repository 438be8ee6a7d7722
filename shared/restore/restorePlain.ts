/** Restores into a free name: digest first, then the one POST, then verification and the rotation policy. */
import { BackupError, NotNow } from '../domain/errors.ts';
import { type Kind, objectKey, sha256Hex } from '../domain/objects.ts';
import type { IndexLine } from '../domain/recoveryPoint.ts';
import type { RestoreOutcome } from '../domain/restoreState.ts';
import { differences, isPolicySet, samePolicy } from '../domain/restoreVerify.ts';
import type { TargetVault, VersionFacts } from '../ports/targetVault.ts';
import type { RestoreDeps } from './deps.ts';
import type { Doing, Told } from './doing.ts';

/** A name that was just purged stays taken for seconds (recorded: up to 5). */
const limboWaitMs = 2_000;
const mostLimboWaits = 30;

export async function restorePlain(doing: Doing): Promise<Told> {
  const { job, target, deps } = doing;
  const bytes = await readVerified(job.planned.line, deps);
  const seen = await restoreOrFind(bytes, doing);
  return tellVerified('restored', job.planned.line, seen, target.calls);
}

/** The stored bytes, if they are what the recovery point says; nothing is sent to a vault otherwise. */
export async function readVerified(line: IndexLine, deps: Pick<RestoreDeps, 'backups'>): Promise<Uint8Array> {
  const found = await deps.backups.read(line.blob ?? '');
  if (!found)
    throw new BackupError('corruptBlob', `the blob ${line.blob} of ${objectKey(line)} is missing`, {
      hint: 'Choose another recovery point, and find out who could remove blobs.',
    });
  if (sha256Hex(found.bytes) !== line.sha256 || found.bytes.length !== line.size) {
    throw new BackupError(
      'corruptBlob',
      `the blob ${line.blob} of ${objectKey(line)} does not have the recorded SHA-256 and size`,
      {
        hint: 'Its bytes were changed after the backup. Choose another recovery point; nothing of this object was sent to the vault.',
      },
    );
  }
  return found.bytes;
}

/** A 409 is compared, not believed: the reply to an earlier POST may have been lost, or the name was purged a moment ago. */
export async function restoreOrFind(
  bytes: Uint8Array,
  { job, target, attempt }: Doing,
): Promise<VersionFacts> {
  const { line } = job.planned;
  try {
    return await target.calls.restore(line.kind, bytes);
  } catch (error) {
    if (!(error instanceof BackupError) || error.code !== 'conflict') throw error;
    const versions = await target.calls.versions(line);
    const current = newestOf(versions);
    if (current) {
      const found = versions.find((version) => differences(line, version).length === 0);
      if (found?.version === current.version || (found && found.created === current.created)) return found;
      throw new BackupError('conflict', `another ${objectKey(line)} came into the target meanwhile`, {
        hint: 'Ask for it again with onConflict skip or replace.',
      });
    }
    if (await target.calls.deleted(line)) {
      throw new BackupError('conflict', `a soft-deleted ${objectKey(line)} holds the name`, {
        hint: 'Recover or purge it, or use onConflict replace.',
      });
    }
    if (attempt < mostLimboWaits) throw new NotNow(limboWaitMs);
    throw new BackupError('conflict', `the name of ${objectKey(line)} stays taken in the target`, {
      hint: otherKindHint(line.kind),
    });
  }
}

const otherKindHint = (kind: Kind) =>
  kind === 'certificate'
    ? 'Look for a key or secret of this name in the target.'
    : 'Look for a certificate of this name in the target.';

/** By creation; the service lists versions in no order. */
export const newestOf = (versions: readonly VersionFacts[]): VersionFacts | null =>
  [...versions].sort((a, b) => (b.created ?? 0) - (a.created ?? 0))[0] ?? null;

/** Compares what came back, and brings a key's rotation policy, which is in no blob. */
export async function tellVerified(
  outcome: RestoreOutcome,
  line: IndexLine,
  seen: VersionFacts,
  vault: TargetVault,
): Promise<Told> {
  const changed = differences(line, seen);
  if (isPolicySet(line.rotationPolicy)) {
    const policy = line.rotationPolicy;
    if (!samePolicy(policy, await vault.rotationPolicy(line.name)))
      await vault.setRotationPolicy(line.name, policy);
    if (!samePolicy(policy, await vault.rotationPolicy(line.name))) changed.push('rotation policy');
  }
  if (changed.length === 0) return { outcome, reason: null, hint: null, version: seen.version };
  return {
    outcome: 'differs',
    reason: `it is there, but differs from the recovery point in ${changed.join(', ')}`,
    hint: 'Compare it with the recovery point before you rely on it.',
    version: seen.version,
  };
}
