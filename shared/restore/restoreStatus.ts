/** What GET /api/restores shows. Reads the state container only. */
import { auditFolder, restorePrefix, safetyFolder } from '../domain/blobNames.ts';
import { objectKey } from '../domain/objects.ts';
import type { RestoreAction } from '../domain/restorePlan.ts';
import type { RestoreState } from '../domain/restoreState.ts';
import type { RestoreDetail, RestoreSummary } from '../domain/restoreViews.ts';
import type { RestoreDeps } from './deps.ts';
import { readRestore, readRestoreOutcomes, readRestorePlan } from './restoreStore.ts';

type StatusDeps = Pick<RestoreDeps, 'state' | 'clock'>;

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
    objects: plan.map(({ action, why, line, via }) => ({
      object: objectKey(line),
      action,
      why,
      travels: via ?? 'native',
      ...outcomes.get(objectKey(line)),
    })),
  };
}

function countBy(names: readonly RestoreAction[]): Partial<Record<RestoreAction, number>> {
  const counts: Partial<Record<RestoreAction, number>> = {};
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
