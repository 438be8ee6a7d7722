/**
 * The backup use cases in a world of memory: storage, queue, vault and clock, and a pump that plays the queue trigger
 * (leases, dequeue counts, poison). Time jumps to the next message, so hours pass in milliseconds.
 *
 * Named faults: crashAtWrite kills the "process" before or after its n-th write, as SIGKILL between two writes would:
 * the message is neither deleted nor released, and comes back when its lease ends.
 */
import { advanceRun } from '../../shared/backup/advanceRun.ts';
import { backUpObject } from '../../shared/backup/backUpObject.ts';
import type { BackupDeps } from '../../shared/backup/deps.ts';
import { handlePoisoned } from '../../shared/backup/poisoned.ts';
import { startPlan } from '../../shared/backup/startPlan.ts';
import { recoveryPointBlobName, vaultStateName } from '../../shared/domain/blobNames.ts';
import { BackupError } from '../../shared/domain/errors.ts';
import { type BackupMessage, decodeBackupMessage } from '../../shared/domain/jobs.ts';
import { type Plan, parsePlans } from '../../shared/domain/plans.ts';
import {
  type IndexLine,
  parseIndex,
  parseRecoveryPoint,
  type RecoveryPoint,
} from '../../shared/domain/recoveryPoint.ts';
import { type RunState, vaultState } from '../../shared/domain/runState.ts';
import type { EventFields, EventName } from '../../shared/ports/events.ts';
import { type FakeClock, fakeClock } from './fakeClock.ts';
import { type FakeVault, fakeVault } from './fakeVault.ts';
import { type MemoryContainer, memoryContainer } from './memoryContainer.ts';
import { type MemoryQueue, memoryQueue } from './memoryQueue.ts';

export const leaseMs = 600_000;
const retryDelayMs = 30_000;
const maxDequeueCount = 5;

/** Stands for the process's death: nothing may catch it. */
export class Crash extends Error {}

export interface World {
  readonly clock: FakeClock;
  readonly backups: MemoryContainer;
  readonly state: MemoryContainer;
  readonly queue: MemoryQueue<BackupMessage>;
  readonly vault: FakeVault;
  readonly plan: Plan;
  readonly deps: BackupDeps;
  readonly events: { name: EventName; fields: EventFields }[];
  /** Writes since the start, in storage and queue. */
  writes(): number;
  /** The process dies at its n-th write from now (1 is the next), before or after the write took effect. */
  crashAtWrite(n: number, when: 'before' | 'after'): void;
  fireTimer(): Promise<void>;
  /** Delivers one due message, or moves time to the next one; false if the queue is empty. */
  step(): Promise<boolean>;
  /** Until the queue is empty; a bounded number of deliveries. */
  drain(): Promise<void>;
  point(runId?: string): RecoveryPoint | null;
  lines(runId?: string): IndexLine[];
  run(): RunState | null;
}

export const vaultName = 'contoso';
export const runId = '20261122T020000Z';

export function createWorld(
  options: { plan?: Record<string, unknown>; requireImmutableStorage?: boolean } = {},
): World {
  const clock = fakeClock();
  const storage = {
    backups: memoryContainer(clock),
    state: memoryContainer(clock),
    queue: memoryQueue(clock, decodeBackupMessage),
  };
  const vault = fakeVault(clock);
  const events: World['events'] = [];
  let writes = 0;
  let crash: { at: number; when: 'before' | 'after' } | null = null;

  /** Every write goes through here, so that the process can die around it. */
  async function aroundWrite<T>(write: () => Promise<T>): Promise<T> {
    writes += 1;
    const dies = crash?.at === writes ? crash.when : null;
    if (dies === 'before') throw new Crash();
    const result = await write();
    if (dies === 'after') throw new Crash();
    return result;
  }
  const guard = (container: MemoryContainer): MemoryContainer => ({
    ...container,
    create: (...args) => aroundWrite(() => container.create(...args)),
    replace: (...args) => aroundWrite(() => container.replace(...args)),
    immutability: () => container.immutability(),
  });

  const { plans, problems } = parsePlans(
    JSON.stringify([
      {
        name: 'payments',
        schedule: '0 0 2 * * *',
        vaults: [vaultName],
        justification: 'a test of the backup path',
        ...options.plan,
      },
    ]),
    'BACKUP_PLANS',
    'public',
  );
  const plan = plans[0];
  if (!plan) throw new Error(problems.join('; '));

  let ids = 0;
  const deps: BackupDeps = {
    clock,
    random: () => 0,
    newId: () => `plan${++ids}`,
    events: { emit: (name, fields) => void events.push({ name, fields }) },
    backups: guard(storage.backups),
    state: guard(storage.state),
    queueOf: () => ({ send: (...args) => aroundWrite(() => storage.queue.send(...args)) }),
    vaultOf: (name) => {
      if (name === vaultName) return vault;
      throw new BackupError('invalid', `no plan has the vault ${name}`);
    },
    settings: {
      retentionDays: 90,
      requireImmutableStorage: options.requireImmutableStorage ?? false,
      messageLeaseMs: leaseMs,
      appVersion: '1.0.0',
    },
  };

  /** What the queue functions do with a delivery (functions/backupJobs.ts), and what the host does with its failure. */
  async function deliver(): Promise<boolean> {
    const taken = storage.queue.take(leaseMs);
    if (!taken) return false;
    const { message, dequeueCount } = taken;
    const last = dequeueCount >= maxDequeueCount;
    try {
      if (dequeueCount > maxDequeueCount) await handlePoisoned(message, deps);
      else if (message.job.type === 'advanceRun') await advanceRun(message.job, deps);
      else await backUpObject({ message, job: message.job, last }, deps);
      storage.queue.done(taken.id);
    } catch (error) {
      if (error instanceof Crash) {
        crash = null;
      } else if (last) {
        storage.queue.done(taken.id);
        await handlePoisoned(message, deps);
      } else {
        storage.queue.release(taken.id, retryDelayMs);
      }
    }
    return true;
  }

  const world: World = {
    clock,
    ...storage,
    vault,
    plan,
    deps,
    events,
    writes: () => writes,
    crashAtWrite(n, when) {
      crash = { at: writes + n, when };
    },
    async fireTimer() {
      try {
        await startPlan(plan, deps);
      } catch (error) {
        const crashed =
          error instanceof Crash ||
          (error instanceof AggregateError && error.errors.some((e) => e instanceof Crash));
        if (!crashed) throw error;
        crash = null;
      }
    },
    async step() {
      if (await deliver()) return true;
      const dueAt = storage.queue.nextDueAt();
      if (dueAt === null) return false;
      clock.advance(dueAt - clock.now().getTime());
      return true;
    },
    async drain() {
      for (let deliveries = 0; deliveries < 20_000; deliveries += 1) if (!(await world.step())) return;
      throw new Error('the queue never became empty');
    },
    point(id = runId) {
      const stored = storage.backups.blobs.get(recoveryPointBlobName(vaultName, id));
      return stored ? parseRecoveryPoint(Buffer.from(stored.bytes).toString('utf8')) : null;
    },
    lines(id = runId) {
      const stored = storage.backups.blobs.get(world.point(id)?.index.blob ?? '');
      return stored ? parseIndex(Buffer.from(stored.bytes).toString('utf8')) : [];
    },
    run() {
      const stored = storage.state.blobs.get(vaultStateName(vaultName));
      return stored ? vaultState.parse(JSON.parse(Buffer.from(stored.bytes).toString('utf8'))).run : null;
    },
  };
  return world;
}
