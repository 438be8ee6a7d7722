/** Gives every object of the point its line, writes the index and then the seal, create-only, and says how it ended. */
import { portableIndexName, portablePointName, recoveryPointBlobName } from '../domain/blobNames.ts';
import { asBackupError } from '../domain/errors.ts';
import { objectKey, sha256Hex } from '../domain/objects.ts';
import {
  emptyLine,
  encodePortableIndex,
  type PortableLine,
  type PortableOutcome,
  type PortablePoint,
  parsePortablePoint,
  portableFormat,
  portableOutcomes,
} from '../domain/portablePoint.ts';
import type { PortableState } from '../domain/portableState.ts';
import { addRequests } from '../domain/recoveryPoint.ts';
import { readIndex, readPoint } from '../engine/catalog.ts';
import { portablePointBefore } from '../engine/portablePoints.ts';
import type { PortableDeps, PortableStepOf } from './deps.ts';
import { readOutcomes, readSettled } from './portableStore.ts';
import { meterOf } from './vaultFacts.ts';

export const portableSealStep: PortableStepOf = async (state, deps) => {
  const name = portablePointName(state.vault, state.runId);
  if (!(await deps.backups.facts(name))) {
    const point = await sealed(state, deps);
    const bytes = Buffer.from(JSON.stringify(point), 'utf8');
    const metadata = { status: point.status, runid: point.runId, sealed: point.sealedAt };
    await deps.backups.create(name, { bytes, contentType: 'application/json', metadata });
  }
  // Created or not, what counts is what lies there now.
  const found = await deps.backups.read(name);
  if (found) announce(found.bytes, state, deps);
  return { state: { ...state, step: 'ended' }, delayMs: 0, ended: true };
};

async function sealed(state: PortableState, deps: PortableDeps): Promise<PortablePoint> {
  const { vault, runId } = state;
  const stored = await readPoint(recoveryPointBlobName(vault, runId), deps);
  const lines = await linesOf(state, deps);
  const text = encodePortableIndex(lines);
  const sha256 = sha256Hex(text);
  const blob = portableIndexName(vault, runId, sha256);
  await deps.backups.create(blob, { bytes: Buffer.from(text, 'utf8'), contentType: 'application/x-ndjson' });
  const before = await portablePointBefore(vault, runId, deps);
  const counts: Partial<Record<PortableOutcome, number>> = {};
  for (const outcome of portableOutcomes) {
    const count = lines.filter((line) => line.outcome === outcome).length;
    if (count > 0) counts[outcome] = count;
  }
  const failed = counts.failed ?? 0;
  const copies = (counts.stored ?? 0) + (counts.carried ?? 0);
  const home = deps.homes.find((one) => one.vault.name === vault);
  return {
    format: portableFormat,
    vault,
    vaultUrl: home?.vault.url ?? stored?.point.vaultUrl ?? '',
    region: stored?.point.region ?? null,
    plan: home?.plan.name ?? stored?.point.plan ?? '',
    runId,
    recoveryPoint: { runId, sha256: state.sha256 },
    status: failed === 0 ? 'complete' : copies === 0 ? 'failed' : 'partial',
    reason: failed === 0 ? null : (state.reason ?? `${failed} of ${lines.length} objects have no copy`),
    startedAt: state.startedAt,
    sealedAt: deps.clock.now().toISOString(),
    expiresAt: stored?.point.expiresAt ?? state.deadline,
    counts,
    bytes: lines.reduce((sum, { size }) => sum + (size ?? 0), 0),
    index: { blob, sha256, lines: lines.length },
    previous: before && { runId: before.point.runId, sha256: before.sha256 },
    recipients: state.recipients.map(({ kid }) => kid),
    versions: state.versions,
    requests: addRequests(state.requests, meterOf(vault, deps)?.take() ?? { vault: 0, throttled: 0 }),
    app: deps.settings.appVersion,
  };
}

/** Of every object of the recovery point, whatever became of plan and jobs. */
async function linesOf(state: PortableState, deps: PortableDeps): Promise<PortableLine[]> {
  const lines = new Map<string, PortableLine>();
  const stored = await readPoint(recoveryPointBlobName(state.vault, state.runId), deps);
  const reason = state.reason ?? 'notReached: no job for it had ended when the copies were sealed';
  for (const { kind, name } of stored ? await readIndex(stored.point, deps).catch(() => []) : [])
    lines.set(objectKey({ kind, name }), { ...emptyLine, kind, name, outcome: 'failed', reason });
  for (const line of await readSettled(state, deps)) lines.set(objectKey(line), line);
  for (const [key, line] of await readOutcomes(state, deps)) lines.set(key, line);
  return [...lines.values()];
}

function announce(sealed: Uint8Array, state: PortableState, deps: PortableDeps): void {
  let point: PortablePoint;
  try {
    point = parsePortablePoint(Buffer.from(sealed).toString('utf8'));
  } catch (error) {
    // Somebody else's: nothing that is tried again here would change it.
    const { message } = asBackupError(error);
    return deps.events.emit('seal.conflict', { vault: state.vault, runId: state.runId, reason: message });
  }
  const event =
    point.status === 'complete'
      ? 'portable.sealed'
      : point.status === 'partial'
        ? 'portable.partial'
        : 'portable.failed';
  const { vault, runId, reason, bytes, counts } = point;
  deps.events.emit(event, { vault, runId, reason, bytes, ...counts });
}
