/** Writes the drill's record and says how it went. */
import { drillEndedName } from '../domain/blobNames.ts';
import type { DrillRecord, DrillState } from '../domain/drill.ts';
import type { DrillDeps, DrillStepOf } from './deps.ts';
import { json } from './drillStore.ts';

const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

export const recordStep: DrillStepOf = async (drill, deps) => {
  const record = recordOf(drill, deps);
  const { vault, id, plan, target, status, reason, objects, rtoSeconds, rpoSeconds } = record;
  const metadata = {
    status,
    ended: record.endedAt,
    target: target.toLowerCase(),
    cleaned: String(record.cleaned),
  };
  // Said again rather than not at all: the reply to an earlier write may have been lost.
  await deps.audit.create(drillEndedName(vault, id), { ...json(record), metadata });
  const facts = { vault, plan, id, target, objects, rtoSeconds, rpoSeconds };
  if (status === 'complete') deps.events.emit('drill.complete', facts);
  else deps.events.emit('drill.failed', { ...facts, reason });
  return { state: drill, delayMs: 0, ended: true };
};

function recordOf(drill: DrillState, deps: DrillDeps): DrillRecord {
  const { startedAt, point, restoredAt, cleaned, counts, failures } = drill;
  const reason =
    drill.reason ?? (drill.step === 'record' ? null : `its deadline came in the step ${drill.step}`);
  return {
    format: 1,
    ...drill.order,
    status: reason === null && cleaned ? 'complete' : 'failed',
    reason,
    startedAt,
    endedAt: deps.clock.now().toISOString(),
    recoveryPoint: point?.runId ?? null,
    objects: drill.objects.length,
    counts,
    failures,
    rtoSeconds: restoredAt === null ? null : secondsBetween(startedAt, restoredAt),
    rpoSeconds: point === null ? null : Math.round(secondsBetween(point.startedAt, startedAt)),
    cleaned,
    app: deps.settings.appVersion,
  };
}
