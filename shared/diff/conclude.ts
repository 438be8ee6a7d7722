/** Holds the live vault against the point, and writes the result down once: names, attributes, and what versions are lacking. */
import { differenceOf } from '../domain/difference.ts';
import { type DiffState, driftOf, type LiveDifference, type VersionsDrift } from '../domain/liveDiff.ts';
import { objectKey } from '../domain/objects.ts';
import type { IndexLine, RecoveryPoint } from '../domain/recoveryPoint.ts';
import type { VersionsRecord } from '../domain/versions.ts';
import type { StepResult } from '../engine/advance.ts';
import type { DiffDeps } from './deps.ts';
import { writeResult } from './diffStore.ts';

export interface Compared {
  readonly point: RecoveryPoint;
  readonly lines: readonly IndexLine[];
  readonly live: readonly IndexLine[];
  /** Null where versions are not compared. */
  readonly versions: ReadonlyMap<string, VersionsRecord> | null;
}

export async function concluded(
  diff: DiffState,
  compared: Compared,
  deps: DiffDeps,
): Promise<StepResult<DiffState>> {
  const { objects, counts, unknown } = differenceOf(
    { lines: compared.lines, unknown: compared.point.unlisted },
    { lines: compared.live, unknown: diff.unknown },
  );
  const drifts = driftsOf(compared);
  const told = new Map<string, LiveDifference>(
    objects.map((object) => [object.object, { ...object, versions: drifts.get(object.object) ?? null }]),
  );
  const verdicts: Partial<Record<VersionsDrift['verdict'], number>> = {};
  for (const [object, versions] of drifts) {
    verdicts[versions.verdict] = (verdicts[versions.verdict] ?? 0) + 1;
    if (versions.verdict !== 'same' && !told.has(object))
      told.set(object, { object, change: null, attributes: [], versions });
  }
  const result = deps.newId();
  const sorted = [...told.values()].sort((a, b) => (a.object < b.object ? -1 : 1));
  await writeResult(diff.id, result, sorted, deps);
  const ended = { status: 'complete' as const, reason: null, endedAt: deps.clock.now().toISOString() };
  return {
    state: { ...diff, ...ended, result, unknown: [...unknown], counts: { ...counts, versions: verdicts } },
    delayMs: 0,
    ended: true,
  };
}

function driftsOf({ lines, versions }: Compared): Map<string, VersionsDrift> {
  const drifts = new Map<string, VersionsDrift>();
  for (const line of lines) {
    const record = versions?.get(objectKey(line));
    if (record) drifts.set(objectKey(line), driftOf(line, record.seen));
  }
  return drifts;
}
