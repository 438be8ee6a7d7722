/**
 * Makes the portable copy of one object: read, encrypted in memory, created once in immutable storage. May run twice, at
 * once, out of order, or die on any line: the blob's name is the memory, and the first recorded line counts. Values go
 * nowhere but into the encryption; whatever is thrown here was made of names and codes.
 */
import { portableCopyName } from '../domain/blobNames.ts';
import { asciiJson } from '../domain/capture.ts';
import { asBackupError, BackupError, dispositionOf, NotNow } from '../domain/errors.ts';
import type { CopyObject, PortableMessage } from '../domain/jobs.ts';
import { type ObjectRef, objectKey, sha256Hex } from '../domain/objects.ts';
import type { CopyContent } from '../domain/portableCopy.ts';
import { emptyLine, type PortableLine, portableLine } from '../domain/portablePoint.ts';
import type { PortableState } from '../domain/portableState.ts';
import { sendBack } from '../engine/sendBack.ts';
import type { GovernedReadable } from '../ports/readableVault.ts';
import type { PortableDeps } from './deps.ts';
import { hasLine, readPortable, recordLine } from './portableStore.ts';
import { type ObjectFacts, readCertificate, readKey, readSecret } from './readObject.ts';

export interface CopyDelivery {
  readonly message: PortableMessage;
  readonly job: CopyObject;
  /** The queue will not deliver it again: what goes wrong now is final. */
  readonly last: boolean;
}

export async function copyObject(
  { message, job, last }: CopyDelivery,
  deps: PortableDeps,
): Promise<PortableLine['outcome'] | 'deferred' | 'expired' | 'dropped' | 'alreadyDone'> {
  if (message.notAfter !== null && deps.clock.now().getTime() >= Date.parse(message.notAfter))
    return 'expired';
  const found = await readPortable(job.vault, deps);
  if (found?.portable.runId !== job.runId || found.portable.step === 'ended') return 'dropped';
  const state = found.portable;
  if (await hasLine(state, job.work, deps)) return 'alreadyDone';
  const goBack = async (delayMs: number) => {
    await sendBack(message, delayMs, deps.queue, deps.random);
    return 'deferred' as const;
  };
  let vault: GovernedReadable | null = null;
  try {
    vault = deps.vaultOf(job.vault);
    return await record(state, await copy(job, state, vault, deps), deps);
  } catch (thrown) {
    if (thrown instanceof NotNow) return goBack(thrown.delayMs);
    const error = asBackupError(thrown);
    const outage = error.code === 'unreachable' && vault?.pace.sawUnreachable(objectKey(job.work)) === true;
    const disposition = outage ? 'defer' : dispositionOf[error.code];
    if (disposition === 'defer') {
      const { vault: name, runId } = job;
      deps.events.emit(outage ? 'vault.unreachable' : 'vault.throttled', {
        vault: name,
        runId,
        step: 'portable',
        reason: error.message,
      });
      return goBack(vault?.pace.pausedForMs() ?? 0);
    }
    if (disposition === 'retry' && !last) throw error;
    return record(state, lineOfError(job.work, error, disposition), deps);
  }
}

async function copy(
  { work }: CopyObject,
  state: PortableState,
  vault: GovernedReadable,
  deps: PortableDeps,
): Promise<PortableLine> {
  const { kind, name } = work;
  if (work.again) return storeAgain(work.again, state, deps);
  const read =
    kind === 'key'
      ? await readKey(name, vault)
      : await (kind === 'secret' ? readSecret : readCertificate)(name, state.versions, vault);
  if (!('content' in read)) return { ...emptyLine, kind, name, ...read.facts, outcome: read.outcome };
  return store(read.content, read.facts, state, deps);
}

async function store(
  content: CopyContent,
  facts: ObjectFacts,
  state: PortableState,
  deps: PortableDeps,
): Promise<PortableLine> {
  const { vault, runId, recipients } = state;
  const { kind, name } = content;
  const version = content.versions.at(-1)?.version ?? '';
  const bytes = await deps.seal({ vault, kind, name, version, runId }, content, recipients);
  const line: PortableLine = {
    ...emptyLine,
    kind,
    name,
    ...facts,
    outcome: 'stored',
    blob: portableCopyName(vault, runId, content),
    size: bytes.length,
    sha256: sha256Hex(bytes),
    runId,
    recipients: recipients.map(({ kid }) => kid),
  };
  return create(line, bytes, state, deps);
}

/** A disabled value that only an old copy holds: the same sealed bytes under a new name, so that storage keeps them on. */
async function storeAgain(
  line: PortableLine,
  state: PortableState,
  deps: PortableDeps,
): Promise<PortableLine> {
  const found = await deps.backups.read(line.blob ?? '');
  if (!found || sha256Hex(found.bytes) !== line.sha256)
    throw new BackupError('corruptBlob', `the earlier copy ${line.blob} is missing or was altered`, {
      hint: 'Enable the secret until the next run, if its value is to be copied; and find out who changed the container.',
    });
  const again = { ...line, blob: portableCopyName(state.vault, state.runId, line) };
  return create({ ...again, capturedAt: deps.clock.now().toISOString() }, found.bytes, state, deps);
}

/** The line stands in the blob's metadata: whoever finds the blob there already finds what it is. */
async function create(
  line: PortableLine,
  bytes: Uint8Array,
  { startedAt }: PortableState,
  { backups }: PortableDeps,
): Promise<PortableLine> {
  const blob = line.blob ?? '';
  const contentType = 'application/jose+json';
  const metadata = { sha256: line.sha256 ?? '', line: asciiJson(line) };
  if ((await backups.create(blob, { bytes, contentType, metadata })) === 'created') return line;
  const facts = await backups.facts(blob);
  const known = portableLine.safeParse(JSON.parse(facts?.metadata['line'] ?? 'null'));
  const isOurs = facts && facts.lastModified.getTime() >= Date.parse(startedAt) - clockToleranceMs;
  if (known.success && isOurs && known.data.size === facts.size) return known.data;
  throw new BackupError('invalid', `the name ${blob} was taken by somebody else`, {
    hint: 'Find out who else writes to the backups container; the object is copied for the next recovery point.',
  });
}

/** Our clock and storage's may differ by two minutes. */
const clockToleranceMs = 121_000;

function lineOfError({ kind, name }: ObjectRef, error: BackupError, disposition: string): PortableLine {
  const outcome = disposition === 'gone' ? 'gone' : disposition === 'skipped' ? 'skipped' : 'failed';
  const reason = `${error.code}: ${error.message}${error.hint ? `. ${error.hint}` : ''}`;
  return { ...emptyLine, kind, name, outcome, reason };
}

async function record(
  state: PortableState,
  line: PortableLine,
  deps: PortableDeps,
): Promise<PortableLine['outcome']> {
  await recordLine(state, line, deps);
  if (line.outcome === 'failed') {
    const { vault, runId } = state;
    deps.events.emit('object.failed', { vault, runId, object: objectKey(line), reason: line.reason });
  }
  return line.outcome;
}
