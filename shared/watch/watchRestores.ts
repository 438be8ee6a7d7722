/**
 * Looks after what only the restore app sees, whose host account is its own: restores that stand still, because their
 * message was lost, are nudged, and its poison queue is counted.
 */
import { restorePrefix } from '../domain/blobNames.ts';
import type { RestoreDeps } from '../restore/deps.ts';
import { advanceRestoreMessage } from '../restore/requestRestore.ts';
import { readRestore } from '../restore/restoreStore.ts';
import { countPoison, type WatchDeps } from './watchRuns.ts';

export type RestoreWatchDeps = Pick<RestoreDeps, 'clock' | 'events' | 'state' | 'queue' | 'settings'> & {
  /** Null where the watch of the backups counts the same account's. */
  readonly poison: WatchDeps['poison'] | null;
};

/** Nothing of a restore was written for so long: it ended, or its end lies in a message that never expires. */
const openAtMostMs = 48 * 3_600_000;

export async function watchRestores(deps: RestoreWatchDeps): Promise<void> {
  const now = deps.clock.now().getTime();
  for await (const { name, lastModified } of deps.state.list(restorePrefix)) {
    if (now - lastModified.getTime() > openAtMostMs) continue;
    const found = await readRestore(name.slice(restorePrefix.length, -'.json'.length), deps);
    if (!found || found.restore.step === 'ended') continue;
    const { id, request, target, step, nextAt } = found.restore;
    const standsStillMs = now - Date.parse(nextAt);
    if (standsStillMs <= deps.settings.messageLeaseMs) continue;
    await deps.queue.send(advanceRestoreMessage(id));
    const seconds = Math.round(standsStillMs / 1000);
    deps.events.emit('restore.stalled', { id, vault: request.vault, target: target.name, step, seconds });
  }
  if (deps.poison) await countPoison({ poison: deps.poison, events: deps.events });
}
