/**
 * The backup use cases in a world of memory: storage, queue, vault and clock, a pump that plays the queue trigger
 * (pump.ts), and a process that can be made to die at any write (crashes.ts).
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
import { Crash, type Crashes, createCrashes } from './crashes.ts';
import { type FakeClock, fakeClock } from './fakeClock.ts';
import { type FakeVault, fakeVault } from './fakeVault.ts';
import { type MemoryContainer, memoryContainer } from './memoryContainer.ts';
import { type MemoryQueue, memoryQueue } from './memoryQueue.ts';
import { createPump, leaseMs, type Pump } from './pump.ts';

export interface World extends Pump {
  readonly clock: FakeClock;
  readonly backups: MemoryContainer;
  readonly state: MemoryContainer;
  readonly audit: MemoryContainer;
  readonly queue: MemoryQueue<BackupMessage>;
  readonly vault: FakeVault;
  readonly plan: Plan;
  readonly deps: BackupDeps;
  readonly events: { name: EventName; fields: EventFields }[];
  /** Writes since the start, in storage and queue. */
  readonly writes: Crashes['writes'];
  readonly crashAtWrite: Crashes['crashAtWrite'];
  readonly isDead: Crashes['isDead'];
  readonly survive: Crashes['survive'];
  fireTimer(): Promise<void>;
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
    audit: memoryContainer(clock),
    queue: memoryQueue(clock, decodeBackupMessage),
  };
  const vault = fakeVault(clock);
  const events: World['events'] = [];
  const crashes = createCrashes();

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
    backups: crashes.guard(storage.backups),
    state: crashes.guard(storage.state),
    audit: crashes.guard(storage.audit),
    queueOf: () => ({ send: (...args) => crashes.around(() => storage.queue.send(...args)) }),
    strays: { move: async () => 0 },
    vaultOf: (name) => {
      if (name === vaultName) return vault;
      throw new BackupError('invalid', `no plan has the vault ${name}`);
    },
    recordsSettings: () => false,
    settings: {
      retentionDays: 90,
      fullEveryDays: 7,
      requireImmutableStorage: options.requireImmutableStorage ?? false,
      messageLeaseMs: leaseMs,
      appVersion: '1.0.0',
    },
  };

  const pump = createPump({
    clock,
    queue: storage.queue,
    crashes,
    // As functions/backupJobs.ts and backupJobsPoison.ts.
    handle: (message, last) =>
      message.job.type === 'advanceRun'
        ? advanceRun(message.job, deps)
        : backUpObject({ message, job: message.job, last }, deps),
    poisoned: (message) => handlePoisoned(message, deps),
  });

  const world: World = {
    clock,
    ...storage,
    vault,
    plan,
    deps,
    events,
    writes: crashes.writes,
    crashAtWrite: crashes.crashAtWrite,
    isDead: crashes.isDead,
    survive: crashes.survive,
    ...pump,
    async fireTimer() {
      try {
        await startPlan(plan, deps);
      } catch (error) {
        const crashed =
          error instanceof Crash ||
          (error instanceof AggregateError && error.errors.some((e) => e instanceof Crash));
        if (!crashed) throw error;
        crashes.survive();
      }
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
