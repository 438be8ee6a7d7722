/**
 * Writes the index, then the recovery point, then clears the state (by returning no run). Two sealers race safely: the
 * index carries its digest in its name, the point is create-only, and who comes second checks the winner.
 * Should the sums not add up, the point is sealed partial and says so; it is never refused.
 */
import { account, finalLine, notCaughtAgain, verdict } from '../domain/accounting.ts';
import { indexBlobName, recoveryPointBlobName } from '../domain/blobNames.ts';
import { takeConfigMessage } from '../domain/jobs.ts';
import { objectKey, sha256Hex } from '../domain/objects.ts';
import { encodeIndex, formatVersion, type IndexLine, type RecoveryPoint } from '../domain/recoveryPoint.ts';
import type { RunState } from '../domain/runState.ts';
import { namingTooMany, thresholdReached, type VersionsRecord, withVersions } from '../domain/versions.ts';
import { pointBefore, readIndex, readPoint } from '../engine/catalog.ts';
import type { EventName } from '../ports/events.ts';
import type { BackupDeps, Step } from './deps.ts';
import { type RunEvidence, readEvidence } from './evidence.ts';
import { readInventory } from './inventoryStep.ts';

const dayMs = 86_400_000;
const eventOf = {
  complete: 'run.sealed',
  partial: 'run.partial',
  failed: 'run.failed',
} as const satisfies Record<string, EventName>;

export const sealStep: Step = async (run, deps) => {
  const name = recoveryPointBlobName(run.vault, run.runId);
  // A sealer that died before the state was cleared has left its point: do not build a second one.
  if (!(await deps.backups.facts(name))) {
    const { lines, evidence } = run.listed === null ? nothing : await readEvidence(run, deps);
    const missed = [...lines].flatMap(([key, passes]) => (notCaughtAgain(passes, evidence) ? [key] : []));
    const moved = new Set([...run.check.moving, ...missed]);
    const versions = await readInventory(run, deps);
    const final = [...lines]
      .map(([key, passes]) => {
        const seen = { record: versions.get(key), first: passes[0]?.line, moved: moved.has(key) };
        return namingTooMany(withVersions(finalLine(passes, evidence), seen));
      })
      .sort((a, b) => (objectKey(a) < objectKey(b) ? -1 : 1));
    const point = await buildPoint(run, final, { moved, looks: [...versions.values()] }, deps);
    const metadata = { status: point.status, ...textCounts(point) };
    const bytes = Buffer.from(JSON.stringify(point), 'utf8');
    await deps.backups.create(name, { bytes, contentType: 'application/json', metadata });
  }
  // Created or not, what counts is what lies there now.
  const { problem, lines } = await checkPoint(name, deps);
  if (problem) deps.events.emit('seal.conflict', { vault: run.vault, runId: run.runId, reason: problem });
  const sealed = (await readPoint(name, deps).catch(() => null))?.point;
  if (sealed) announce(sealed, deps);
  if (sealed) callOutVersions(sealed, lines, deps);
  // A job of its own: whatever becomes of it, this run is sealed.
  if (deps.recordsSettings(run.vault))
    await deps
      .queueOf(run.vault)
      .send(takeConfigMessage({ vault: run.vault, role: 'source', id: run.runId }, deps.clock.now()));
  return { state: run, delayMs: 0, ended: true };
};

const nothing: RunEvidence = {
  lines: new Map(),
  evidence: { captures: new Map(), outcomes: new Map() },
};

async function buildPoint(
  run: RunState,
  lines: readonly IndexLine[],
  { moved, looks }: { moved: ReadonlySet<string>; looks: readonly VersionsRecord[] },
  deps: BackupDeps,
): Promise<RecoveryPoint> {
  const index = Buffer.from(encodeIndex(lines), 'utf8');
  const sha256 = sha256Hex(index);
  const blob = indexBlobName(run.vault, run.runId, sha256);
  await deps.backups.create(blob, {
    bytes: index,
    contentType: 'application/x-ndjson',
    metadata: { sha256 },
  });

  const sums = account(lines, run.listed ?? 0);
  const { status, reason } = verdict({
    listed: run.listed !== null,
    account: sums,
    unlistedKinds: run.unlisted.length,
    trouble: run.trouble,
    unchecked: run.check.unchecked,
  });
  const previous = await pointBefore(run.vault, run.runId, deps);
  if (previous?.point && status !== 'failed') callOutDrop(run, previous.point, sums.counts.listed, deps);
  return {
    format: formatVersion,
    vault: run.vault,
    vaultUrl: run.vaultUrl,
    region: run.region,
    subscription: null,
    plan: run.plan,
    justification: run.justification,
    runId: run.runId,
    trigger: run.trigger,
    status,
    reason,
    unlisted: run.unlisted,
    startedAt: run.startedAt,
    sealedAt: deps.clock.now().toISOString(),
    expiresAt: new Date(Date.parse(run.startedAt) + deps.settings.retentionDays * dayMs).toISOString(),
    counts: sums.counts,
    bytes: sums.bytes,
    index: { blob, sha256, lines: lines.length },
    previous: previous && { runId: previous.runId, sha256: previous.sha256 },
    base: run.base,
    consistency: { passes: run.plans.length, changedDuringRun: [...moved].sort() },
    requests: run.requests,
    inventory: {
      seen: looks.filter(({ seen }) => seen !== null).length,
      requests: looks.reduce((sum, { pages }) => sum + pages, 0),
    },
    immutability: await deps.backups.immutability(),
    app: deps.settings.appVersion,
  };
}

/** A vault that suddenly holds much less was emptied, or is not seen whole: nobody should learn it from a restore. */
function callOutDrop(run: RunState, before: RecoveryPoint, listed: number, deps: BackupDeps): void {
  const least = before.counts.listed * (1 - run.maxDropPercent / 100);
  if (before.status === 'failed' || listed >= least) return;
  deps.events.emit('objects.dropped', {
    vault: run.vault,
    plan: run.plan,
    runId: run.runId,
    before: before.counts.listed,
    listed,
  });
}

interface Checked {
  /** Null if the point that lies there is whole: it parses, and its index has the digest and the number of lines it says. */
  readonly problem: string | null;
  readonly lines: readonly IndexLine[];
}

async function checkPoint(name: string, deps: BackupDeps): Promise<Checked> {
  try {
    const stored = await readPoint(name, deps);
    if (!stored) return { problem: `${name} is not there after it was written`, lines: [] };
    const lines = await readIndex(stored.point, deps);
    const { counts, discrepancy } = account(lines, stored.point.counts.listed);
    const differs = JSON.stringify(counts) !== JSON.stringify(stored.point.counts);
    return { problem: differs && !discrepancy ? 'its counts are not those of its index' : null, lines };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), lines: [] };
  }
}

const textCounts = (point: RecoveryPoint): Record<string, string> =>
  Object.fromEntries(Object.entries(point.counts).map(([outcome, count]) => [outcome, String(count)]));

function announce(point: RecoveryPoint, deps: BackupDeps): void {
  deps.events.emit(eventOf[point.status], {
    vault: point.vault,
    plan: point.plan,
    runId: point.runId,
    reason: point.reason,
    ...point.counts,
    bytes: point.bytes,
    seconds: Math.round((Date.parse(point.sealedAt) - Date.parse(point.startedAt)) / 1000),
    requests: point.requests.vault,
    throttled: point.requests.throttled,
  });
}

/** While there is time to act: past 500 a backup fails, and versions cannot be deleted. */
function callOutVersions(point: RecoveryPoint, lines: readonly IndexLine[], deps: BackupDeps): void {
  for (const line of lines) {
    const threshold = thresholdReached(line.versions);
    if (threshold === null || line.versions === null) continue;
    deps.events.emit('versions.high', {
      vault: point.vault,
      plan: point.plan,
      runId: point.runId,
      object: objectKey(line),
      versions: line.versions,
      seenAt: line.versionsSeenAt,
      threshold,
    });
  }
}
