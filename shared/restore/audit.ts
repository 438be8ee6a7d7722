/**
 * Who restored what, from where, why, and what came of it: two records in immutable storage, one before the first
 * change and one at the end. Names and facts only; never values or blob bytes.
 */
import { auditName } from '../domain/blobNames.ts';
import { objectKey } from '../domain/objects.ts';
import type { PlannedObject } from '../domain/restorePlan.ts';
import type { OutcomeRecord, RestoreState } from '../domain/restoreState.ts';
import type { RestoreDeps } from './deps.ts';

type AuditDeps = Pick<RestoreDeps, 'audit' | 'clock' | 'settings'>;

/** Rejects if it cannot be written: then nothing may be restored. Written twice, the first one stays. */
export async function auditStarted(
  restore: RestoreState,
  plan: readonly PlannedObject[],
  deps: AuditDeps,
): Promise<void> {
  const objects = plan.map(({ action, why, line }) => ({
    object: objectKey(line),
    action,
    why,
    sha256: line.sha256,
  }));
  await write('started', restore, { objects }, deps);
}

export async function auditEnded(
  restore: RestoreState,
  outcomes: ReadonlyMap<string, OutcomeRecord>,
  deps: AuditDeps,
): Promise<void> {
  const objects = [...outcomes].map(([object, { outcome, reason, version, via, changed }]) => ({
    object,
    outcome,
    reason,
    version,
    via,
    changed,
  }));
  const { status, reason, counts } = restore;
  await write('ended', restore, { status, reason, counts, objects }, deps);
}

async function write(
  which: 'started' | 'ended',
  restore: RestoreState,
  facts: object,
  deps: AuditDeps,
): Promise<void> {
  const { id, request, caller, target, point } = restore;
  const record = {
    format: 1,
    id,
    at: deps.clock.now().toISOString(),
    app: deps.settings.appVersion,
    caller,
    request,
    target,
    point,
    ...facts,
  };
  await deps.audit.create(auditName(id, which), {
    bytes: Buffer.from(JSON.stringify(record), 'utf8'),
    contentType: 'application/json',
  });
}
