/** Comparisons with a live vault in the world of memory: a source or a target, a queue of their own, a process that may die. */
import { advanceDiff } from '../../shared/diff/advanceDiff.ts';
import type { DiffDeps, LiveVault } from '../../shared/diff/deps.ts';
import { diffDetail, handlePoisonedDiff, requestDiff } from '../../shared/diff/requestDiff.ts';
import { type DiffMessage, decodeDiffMessage } from '../../shared/domain/jobs.ts';
import type { DiffDetail, DiffState } from '../../shared/domain/liveDiff.ts';
import { type Crashes, createCrashes } from './crashes.ts';
import { type MemoryQueue, memoryQueue } from './memoryQueue.ts';
import { createPump, type Pump } from './pump.ts';
import { vaultName, type World } from './world.ts';

export interface DiffWorld extends Pump, Pick<Crashes, 'writes' | 'crashAtWrite' | 'survive'> {
  readonly queue: MemoryQueue<DiffMessage>;
  readonly deps: { -readonly [Name in keyof DiffDeps]: DiffDeps[Name] };
  request(recoveryPoint?: string): Promise<DiffState>;
  detail(id: string, limit?: number, after?: string): Promise<DiffDetail>;
  /** Asks, and waits for the end. */
  compare(recoveryPoint?: string): Promise<DiffDetail>;
}

export function createDiffWorld(
  source: World,
  live: { role: 'source' | 'target'; name: string; vault: LiveVault },
): DiffWorld {
  const { clock } = source;
  const crashes = createCrashes();
  const queue = memoryQueue(clock, decodeDiffMessage);
  let ids = 0;
  const deps: DiffDeps = {
    clock,
    newId: () => (++ids).toString(16).padStart(12, '0'),
    events: source.deps.events,
    backups: source.backups,
    state: crashes.guard(source.state),
    queueOf: () => ({ send: (...args) => crashes.around(() => queue.send(...args)) }),
    liveOf: () => live.vault,
  };
  const pump = createPump({
    clock,
    queue,
    crashes,
    handle: ({ job }) => advanceDiff(job, live.role, deps),
    poisoned: ({ job }) => handlePoisonedDiff(job, deps),
  });
  const world: DiffWorld = {
    ...pump,
    queue,
    deps,
    writes: crashes.writes,
    crashAtWrite: crashes.crashAtWrite,
    survive: crashes.survive,
    request: (recoveryPoint = 'latest') =>
      requestDiff({ vault: vaultName, recoveryPoint }, { name: live.name, role: live.role }, deps),
    async detail(id, limit = 1000, after) {
      const found = await diffDetail(id, { after: after ?? null, limit }, { state: source.state });
      if (!found) throw new Error(`there is no comparison ${id}`);
      return found;
    },
    async compare(recoveryPoint) {
      const { id } = await world.request(recoveryPoint);
      await world.drain();
      return world.detail(id);
    },
  };
  return world;
}
