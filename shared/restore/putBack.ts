/** A replacement that cannot be ended: the former object comes back, from the deleted ones or from its safety copy. */
import { BackupError, NotNow } from '../domain/errors.ts';
import { type ObjectRef, sha256Hex } from '../domain/objects.ts';
import { isPolicySet } from '../domain/restoreVerify.ts';
import type { VersionFacts } from '../ports/targetVault.ts';
import type { GovernedTarget } from './deps.ts';
import type { Doing, Told } from './doing.ts';
import { type CopyRecord, isCopied } from './replaceRecords.ts';
import { newestOf } from './restorePlain.ts';
import { settleWaitMs } from './settlingCalls.ts';

/** Trying again would change nothing. */
export const isLasting = (error: unknown): error is BackupError =>
  error instanceof BackupError && !['unreachable', 'throttled', 'internal'].includes(error.code);

/** It cannot be deleted for good, so the soft-deleted one comes back. */
export async function recoverFormer(error: BackupError, { job, target }: Doing): Promise<Told> {
  try {
    await target.calls.recover(job.planned.line);
  } catch (refused) {
    if (!(refused instanceof BackupError)) throw refused;
    // Nothing to recover: it was never deleted.
    if (refused.code === 'notFound') throw error;
    throw refused.code === 'conflict' ? new NotNow(settleWaitMs) : refused;
  }
  const reason = `${error.code}: ${error.message}; the former object was recovered`;
  return { outcome: 'failed', reason, hint: error.hint || null, version: null };
}

/** The recovery point's object cannot come, so the former one comes back. Fails loudly if even that does not work. */
export async function putBack(
  copy: CopyRecord,
  error: BackupError,
  { job, target, deps }: Doing,
): Promise<Told> {
  const { line } = job.planned;
  const stored = await deps.safety.read(copy.blob);
  const back =
    stored && sha256Hex(stored.bytes) === copy.sha256
      ? await restoreFormer(stored.bytes, copy, line, target)
      : null;
  if (back && isPolicySet(copy.rotationPolicy))
    await target.calls.setRotationPolicy(line.name, copy.rotationPolicy);
  return {
    outcome: 'failed',
    reason: `${error.code}: ${error.message}; ${back ? 'the former object was put back' : 'the former object could not be put back'}`,
    hint: back ? error.hint : `Restore the former object from safety/${copy.blob} by hand.`,
    version: back?.version ?? null,
  };
}

/** Waits out the limbo of the purge: given up there, the name would lie empty. Null if it is refused, or another one is there. */
async function restoreFormer(
  bytes: Uint8Array,
  copy: CopyRecord,
  ref: ObjectRef,
  { calls }: GovernedTarget,
): Promise<VersionFacts | null> {
  try {
    return await calls.restore(ref.kind, bytes);
  } catch (error) {
    if (!isLasting(error)) throw error;
    if (error.code !== 'conflict') return null;
    const live = newestOf(await calls.versions(ref));
    if (!live) throw new NotNow(settleWaitMs);
    return isCopied(live, copy) ? live : null;
  }
}
