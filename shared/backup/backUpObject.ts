/**
 * Captures one object: one blob in the vault's own bytes, created once under a name that is derived from the job.
 * May run twice, at the same time, out of order, or die on any line: the name is the memory. What cannot be captured
 * becomes a recorded outcome; an error is only thrown for the queue to try again.
 */
import { captureBlobName, type OutcomeName, outcomeBlobName } from '../domain/blobNames.ts';
import { captureMetadata, type KeyFacts } from '../domain/capture.ts';
import { asBackupError, BackupError, type Disposition, dispositionOf, NotNow } from '../domain/errors.ts';
import type { BackUpObject, BackupMessage } from '../domain/jobs.ts';
import { objectKey, sha256Hex } from '../domain/objects.ts';
import { sendBack } from '../engine/sendBack.ts';
import type { GovernedVault } from '../ports/sourceVault.ts';
import type { BackupDeps } from './deps.ts';
import { isStranger, type OutcomeBody } from './evidence.ts';

export interface Delivery {
  readonly message: BackupMessage;
  readonly job: BackUpObject;
  /** The queue will not deliver it again: what goes wrong now is final. */
  readonly last: boolean;
}

export type ObjectResult = 'stored' | 'alreadyStored' | 'deferred' | 'expired' | OutcomeName;

const opaque = 'application/octet-stream';

export async function backUpObject(
  { message, job, last }: Delivery,
  deps: BackupDeps,
): Promise<ObjectResult> {
  if (message.notAfter !== null && deps.clock.now().getTime() >= Date.parse(message.notAfter))
    return 'expired';
  const goBack = async (delayMs: number) => {
    await sendBack(message, delayMs, deps.queueOf(job.vault), deps.random);
    return 'deferred' as const;
  };
  let vault: GovernedVault | null = null;
  try {
    vault = deps.vaultOf(job.vault);
    return await capture(job, vault, deps);
  } catch (thrown) {
    if (thrown instanceof NotNow) return goBack(thrown.delayMs);
    const error = asBackupError(thrown);
    const disposition = settle(error, job, vault, deps);
    if (disposition === 'defer') return goBack(vault?.pace.pausedForMs() ?? 0);
    if (disposition !== 'retry') return recordOutcome(job, disposition, error, deps);
    if (last) return recordOutcome(job, 'failed', error, deps);
    throw error;
  }
}

async function capture(job: BackUpObject, vault: GovernedVault, deps: BackupDeps): Promise<ObjectResult> {
  const name = captureBlobName(job);
  const key = job.kind === 'key' ? await keyFacts(job.name, vault) : null;
  const { bytes, vaultDate } = await vault.calls.backup(job);
  const record = { sha256: sha256Hex(bytes), capturedAt: vaultDate, key };
  const created = await deps.backups.create(name, {
    bytes,
    contentType: opaque,
    metadata: captureMetadata(job, record),
  });
  if (created === 'created') return 'stored';
  const facts = await deps.backups.facts(name);
  if (facts && isStranger(facts, job.startedAt)) {
    throw new BackupError('invalid', `the name ${name} was taken before this run began`, {
      hint: 'Somebody else wrote to the backups container; the object is captured by the next run. See the event blob.stranger.',
    });
  }
  return 'alreadyStored';
}

async function keyFacts(name: string, { calls }: GovernedVault): Promise<KeyFacts> {
  const current = await calls.currentKey(name);
  return { ...current, rotationPolicy: await calls.rotationPolicy(name) };
}

/** The table's word, except that an outage is not a failure: then the job goes back and waits. */
function settle(
  error: BackupError,
  job: BackUpObject,
  vault: GovernedVault | null,
  deps: BackupDeps,
): Disposition {
  const outage = error.code === 'unreachable' && vault?.pace.sawUnreachable(objectKey(job)) === true;
  if (outage || error.code === 'throttled') {
    const event = outage ? 'vault.unreachable' : 'vault.throttled';
    deps.events.emit(event, { vault: job.vault, runId: job.runId, step: 'capture', reason: error.message });
  }
  return outage ? 'defer' : dispositionOf[error.code];
}

export async function recordOutcome(
  job: BackUpObject,
  outcome: OutcomeName,
  error: BackupError,
  deps: BackupDeps,
): Promise<OutcomeName> {
  const body: OutcomeBody = {
    reason: `${error.code}: ${error.message}${error.hint ? `. ${error.hint}` : ''}`,
  };
  const name = outcomeBlobName(job.vault, job.runId, { ...job, outcome });
  await deps.state.create(name, {
    bytes: Buffer.from(JSON.stringify(body), 'utf8'),
    contentType: 'application/json',
  });
  if (outcome === 'failed') {
    deps.events.emit('object.failed', {
      vault: job.vault,
      runId: job.runId,
      object: objectKey(job),
      code: error.code,
      reason: body.reason,
    });
  }
  return outcome;
}
