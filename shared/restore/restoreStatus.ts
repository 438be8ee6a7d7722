/** What GET /api/restores shows. Reads the state container only. */
import { auditFolder, restorePrefix, safetyFolder } from '../domain/blobNames.ts';
import { objectKey } from '../domain/objects.ts';
import type { OutcomeRecord, RestoreState } from '../domain/restoreState.ts';
import type { RestoreDeps } from './deps.ts';
import { readRestore, readRestoreOutcomes, readRestorePlan } from './restoreStore.ts';

type StatusDeps = Pick<RestoreDeps, 'state' | 'clock'>;

export interface RestoreSummary
  extends Pick<RestoreState, 'id' | 'status' | 'reason' | 'startedAt' | 'endedAt' | 'counts'> {
  readonly vault: string;
  readonly target: string;
  readonly recoveryPoint: string;
  readonly dryRun: boolean;
}

const summaryOf = ({
  id,
  status,
  reason,
  startedAt,
  endedAt,
  counts,
  request,
  target,
  point,
}: RestoreState): RestoreSummary => ({
  id,
  status,
  reason,
  startedAt,
  endedAt,
  counts,
  vault: request.vault,
  target: target.name,
  recoveryPoint: point.runId,
  dryRun: request.dryRun,
});

export interface RestoreDetail
  extends RestoreSummary,
    Pick<RestoreState, 'lacks' | 'bytes' | 'requests' | 'step'> {
  readonly durationSeconds: number;
  readonly requestedBy: RestoreState['caller'];
  readonly request: RestoreState['request'];
  /** What the plan will do, or has done: objects per action; null before there is a plan. */
  readonly actions: Readonly<Record<string, number>> | null;
  /** Where the records and the copies made before replacements lie. */
  readonly audit: string;
  readonly safety: string;
  readonly objects: readonly ({ object: string; action: string; why: string } & Partial<OutcomeRecord>)[];
}

export async function restoreDetail(id: string, deps: StatusDeps): Promise<RestoreDetail | null> {
  const found = await readRestore(id, deps);
  if (!found) return null;
  const { restore } = found;
  const [plan, outcomes] = await Promise.all([
    readRestorePlan(id, restore.planId, deps),
    readRestoreOutcomes(id, deps),
  ]);
  const until = restore.endedAt === null ? deps.clock.now().getTime() : Date.parse(restore.endedAt);
  return {
    ...summaryOf(restore),
    step: restore.step,
    lacks: restore.lacks,
    bytes: restore.bytes,
    requests: restore.requests,
    requestedBy: restore.caller,
    request: restore.request,
    actions: restore.planId === null ? null : countBy(plan.map(({ action }) => action)),
    audit: `audit/${auditFolder(id)}`,
    safety: `safety/${safetyFolder(restore.target.name, id)}`,
    durationSeconds: Math.round((until - Date.parse(restore.startedAt)) / 1000),
    objects: plan.map(({ action, why, line }) => ({
      object: objectKey(line),
      action,
      why,
      ...outcomes.get(objectKey(line)),
    })),
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Newest first. */
export async function listRestores(deps: StatusDeps): Promise<RestoreSummary[]> {
  const restores: RestoreSummary[] = [];
  for await (const { name } of deps.state.list(restorePrefix)) {
    const found = await readRestore(name.slice(restorePrefix.length, -'.json'.length), deps);
    if (found) restores.push(summaryOf(found.restore));
  }
  return restores.reverse();
}
