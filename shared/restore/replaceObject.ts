/**
 * Lets a live object give way to the recovery point's. Nothing is deleted before it is known, as far as the platform
 * tells, that the blob can be decrypted here, and before a safety copy of what is there is stored and verified.
 *
 *   (soft-deleted ──recover──▶) live ──try──▶ ──copy──▶ copied ──remove──▶ removing ──settled, compared──▶ removed
 *   ──purge──▶ purged ──restore──▶ replaced.       compared and changed ──recover──▶ conflict.
 *   restore refused ──▶ the safety copy is put back, and the object failed.
 *
 * Purge protection was ruled out by the plan. Each step looks at the vault first, so that a redelivery goes on.
 */
import { safetyCopyName } from '../domain/blobNames.ts';
import { BackupError, NotNow } from '../domain/errors.ts';
import { compareGeography } from '../domain/geography.ts';
import { type ObjectRef, objectKey, sha256Hex } from '../domain/objects.ts';
import type { VersionFacts } from '../ports/targetVault.ts';
import type { GovernedTarget } from './deps.ts';
import type { Doing, Told } from './doing.ts';
import { isLasting, putBack, recoverFormer } from './putBack.ts';
import { type CopyRecord, hasStep, isCopied, readCopy, recordStep } from './replaceRecords.ts';
import { newestOf, readVerified, restoreOrFind, tellVerified } from './restorePlain.ts';
import { readRestore } from './restoreStore.ts';
import { settleWaitMs, settling } from './settlingCalls.ts';

const mostWaits = 60;

export async function replaceObject(doing: Doing): Promise<Told> {
  const { job, target, deps } = doing;
  const { line } = job.planned;
  const bytes = await readVerified(line, deps);
  let copy = await readCopy(job.id, line, deps);
  if (!copy) {
    const live = await target.calls.versions(line);
    const early = await tryOnTakenName(bytes, live, doing);
    if (early) return tellVerified('replaced', line, early, target.calls);
    if (live.length === 0) await recoverFirst(doing);
    copy = await copyUnlessRemoved(live, doing);
  }
  try {
    if (!(await hasStep(job.id, line, 'removed', deps))) {
      const changed = await removeAndCompare(copy, doing);
      if (changed) return changed;
    }
    if (!(await hasStep(job.id, line, 'purged', deps))) {
      if (await target.calls.deleted(line)) await settling(target.calls.purge(line));
      await recordStep(job.id, line, 'purged', deps);
    }
  } catch (error) {
    if (!isLasting(error)) throw error;
    return recoverFormer(error, doing);
  }
  try {
    return await tellVerified('replaced', line, await restoreOrFind(bytes, doing), target.calls);
  } catch (error) {
    if (!isLasting(error)) throw error;
    return putBack(copy, error, doing);
  }
}

/** A soft-deleted object is recovered, so that it can be copied before it goes; comes back when it is live. */
async function recoverFirst({ job, target, attempt }: Doing): Promise<never> {
  const { line } = job.planned;
  if (await target.calls.deleted(line)) await settling(target.calls.recover(line));
  else if (attempt >= mostWaits)
    throw new BackupError('notFound', `${objectKey(line)} is not in the target any more`, {
      hint: 'Ask for it again: its name is free now.',
    });
  throw new NotNow(settleWaitMs);
}

/**
 * The restore is tried while the name is taken. "Cannot decrypt" throws here, before anything is changed. A 409 proves
 * that the blob was decrypted only if it names a version that the live object does not have; else the regions must
 * have been compared and found to be of one geography.
 */
async function tryOnTakenName(
  bytes: Uint8Array,
  live: readonly VersionFacts[],
  { job, target, deps }: Doing,
): Promise<VersionFacts | null> {
  const { line } = job.planned;
  try {
    return await target.calls.restore(line.kind, bytes);
  } catch (error) {
    if (!(error instanceof BackupError) || error.code !== 'conflict') throw error;
    const named = error.conflictVersion;
    const proved =
      named !== undefined &&
      (named === line.currentVersion || (live.length > 0 && live.every(({ version }) => version !== named)));
    if (proved) return null;
    const restore = await readRestore(job.id, deps);
    if (compareGeography(restore?.restore.point.region ?? null, target.calls.region()) === 'same')
      return null;
    throw new BackupError(
      'wrongGeography',
      `it cannot be told whether the target can decrypt the blob of ${objectKey(line)}, so nothing was changed`,
      {
        hint: 'The regions of source and target are not known to be of one geography. Free the name by hand if you are sure.',
        cause: error,
      },
    );
  }
}

/** Another delivery of this job may have copied and removed it meanwhile: then its record is there, and this one goes on from it. */
async function copyUnlessRemoved(live: readonly VersionFacts[], doing: Doing): Promise<CopyRecord> {
  try {
    return await makeSafetyCopy(live, doing);
  } catch (error) {
    if (error instanceof BackupError && error.code === 'notFound') throw new NotNow(settleWaitMs);
    throw error;
  }
}

async function makeSafetyCopy(
  live: readonly VersionFacts[],
  { job, target, deps }: Doing,
): Promise<CopyRecord> {
  const { line } = job.planned;
  const current = newestOf(live);
  const bytes = await target.calls.backup(line);
  const sha256 = sha256Hex(bytes);
  const blob = safetyCopyName(job.target, job.id, line, deps.newId());
  await deps.safety.create(blob, {
    bytes,
    contentType: 'application/octet-stream',
    metadata: { sha256, kind: line.kind },
  });
  const stored = await deps.safety.read(blob);
  if (!stored || sha256Hex(stored.bytes) !== sha256)
    throw new BackupError(
      'internal',
      `the safety copy of ${objectKey(line)} does not read back as it was written`,
    );
  const record: CopyRecord = {
    blob,
    sha256,
    version: current?.version ?? '',
    updated: current?.updated ?? null,
    rotationPolicy: line.kind === 'key' ? await target.calls.rotationPolicy(line.name) : null,
  };
  await recordStep(job.id, line, 'copied', deps, record);
  // Another delivery may have been faster: the first record counts.
  return (await readCopy(job.id, line, deps)) ?? record;
}

/** Null once the former object is soft-deleted and is what was copied; an outcome if somebody wrote to it in between. */
async function removeAndCompare(
  copy: CopyRecord,
  { job, target, deps, attempt }: Doing,
): Promise<Told | null> {
  const { line } = job.planned;
  const live = newestOf(await target.calls.versions(line));
  if (live) {
    if (!isCopied(live, copy))
      return conflict(line, 'it changed after its safety copy was made, and was left as it is');
    await recordStep(job.id, line, 'removing', deps);
    const removed = await remove(line, target);
    if (removed) await recordStep(job.id, line, isCopied(removed, copy) ? 'compared' : 'changed', deps);
  }
  const deleted = await target.calls.deleted(line);
  // Neither live nor soft-deleted for so long: somebody else has purged it, and its safety copy is what is left of it.
  if (!deleted && attempt >= mostWaits) return null;
  if (!deleted) throw new NotNow(settleWaitMs);
  // The soft-deleted object of a disabled secret shows nothing: then only the answer to the removal tells what it is.
  const untold = deleted.version === '' && !(await hasStep(job.id, line, 'compared', deps));
  if (untold || !isCopied(deleted, copy) || (await hasStep(job.id, line, 'changed', deps))) {
    await settling(target.calls.recover(line));
    const wrote = untold ? 'it cannot be told whether somebody wrote' : 'somebody wrote';
    return conflict(line, `${wrote} to it between safety copy and deletion; it was recovered`);
  }
  await recordStep(job.id, line, 'removed', deps);
  return null;
}

const conflict = (line: Doing['job']['planned']['line'], what: string): Told => ({
  outcome: 'conflict',
  reason: `conflict: ${objectKey(line)}: ${what}`,
  hint: 'Find out who writes to the target, then ask for it again.',
  version: null,
});

/** Null if it is gone already: another delivery of this job was faster. */
async function remove(ref: ObjectRef, target: GovernedTarget): Promise<VersionFacts | null> {
  try {
    return await target.calls.remove(ref);
  } catch (error) {
    if (error instanceof BackupError && error.code === 'notFound') return null;
    throw error;
  }
}
