/**
 * Starts portable copies of the newest recovery point that has none. Nobody tells this app of a point: it looks, so that
 * the backup app needs no right on it and nothing is lost while it is down. As for a run: the message that brings it to
 * its end, then the state, then the message for now.
 */
import { portablePointName } from '../domain/blobNames.ts';
import type { PortableMessage } from '../domain/jobs.ts';
import type { PortableState } from '../domain/portableState.ts';
import { noRequests } from '../domain/recoveryPoint.ts';
import { newestUsablePoint } from '../engine/catalog.ts';
import type { PortableDeps, PortableHome } from './deps.ts';
import { readPortable, writePortable } from './portableStore.ts';

export type PortableStart = 'started' | 'busy' | 'upToDate' | 'noPoint';

/** Every vault is tried before the first error is thrown. */
export async function startAllPortable(deps: PortableDeps): Promise<Record<string, PortableStart>> {
  const started = await Promise.allSettled(
    deps.homes.map(async (home) => [home.vault.name, await startPortable(home, deps)] as const),
  );
  const errors = started.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (errors.length > 0)
    throw new AggregateError(
      errors,
      `${errors.length} of ${deps.homes.length} vaults could not be looked at`,
    );
  return Object.fromEntries(started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
}

export async function startPortable(
  { vault, plan }: PortableHome,
  deps: PortableDeps,
): Promise<PortableStart> {
  const now = deps.clock.now();
  const known = await readPortable(vault.name, deps);
  if (known && known.portable.step !== 'ended') {
    const { nextAt, runId } = known.portable;
    const stands = now.getTime() - Date.parse(nextAt) > 2 * deps.settings.messageLeaseMs;
    if (stands) await deps.queue.send(advancePortableMessage(vault.name, runId));
    return 'busy';
  }
  const newest = await newestUsablePoint(vault.name, deps);
  if (!newest || Date.parse(newest.point.expiresAt) <= now.getTime()) return 'noPoint';
  const { runId } = newest.point;
  if (await deps.backups.facts(portablePointName(vault.name, runId))) return 'upToDate';
  const startedAt = now.toISOString();
  const wanted: PortableState = {
    v: 1,
    vault: vault.name,
    runId,
    sha256: newest.sha256,
    step: 'plan',
    reason: null,
    startedAt,
    deadline: new Date(now.getTime() + plan.deadlineMinutes * 60_000).toISOString(),
    nextAt: startedAt,
    planTries: 0,
    planId: null,
    recipients: [],
    versions: plan.portable.versions,
    work: 0,
    enqueued: 0,
    throughAt: startedAt,
    settling: { missing: null, progressAt: startedAt, rounds: 0, looks: 0 },
    requests: noRequests,
  };
  const message = advancePortableMessage(vault.name, runId);
  await deps.queue.send(message, { delaySeconds: plan.deadlineMinutes * 60, neverExpires: true });
  if (!(await writePortable(wanted, known?.etag ?? null, deps))) return 'busy';
  await deps.queue.send(message);
  return 'started';
}

export const advancePortableMessage = (vault: string, runId: string): PortableMessage => ({
  v: 1,
  job: { type: 'advancePortable', vault, runId },
  notAfter: null,
  attempt: 0,
});
