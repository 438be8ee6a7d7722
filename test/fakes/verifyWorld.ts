/**
 * Verifications in a world of memory: the containers that a backup world filled, a queue and a pump of their own, and a
 * process that may die at any write. The recovery points are made by running backups, so their format is the product's.
 */
import { verificationRecordName } from '../../shared/domain/blobNames.ts';
import { decodeVerifyMessage, type VerifyMessage } from '../../shared/domain/jobs.ts';
import { type VerificationRecord, verificationRecord } from '../../shared/domain/verification.ts';
import { advanceVerification } from '../../shared/verify/advanceVerification.ts';
import type { VerifyDeps } from '../../shared/verify/deps.ts';
import { requestVerification, startDaily } from '../../shared/verify/startVerification.ts';
import { verifyBlobs } from '../../shared/verify/verifyBlobs.ts';
import { handleVerifyPoisoned } from '../../shared/verify/verifyPoisoned.ts';
import { Crash, type Crashes, createCrashes } from './crashes.ts';
import { type MemoryQueue, memoryQueue } from './memoryQueue.ts';
import { createPump, leaseMs, type Pump } from './pump.ts';
import { vaultName, type World } from './world.ts';

export interface VerifyWorld extends Pick<Crashes, 'writes' | 'crashAtWrite'> {
  readonly world: World;
  readonly queue: MemoryQueue<VerifyMessage>;
  readonly pump: Pump;
  readonly deps: { -readonly [Name in keyof VerifyDeps]: VerifyDeps[Name] };
  /** As the timer does; a crash is survived. */
  fireDaily(): Promise<void>;
  /** As the timer does, and to the end of its jobs; gives the newest record. */
  daily(): Promise<VerificationRecord>;
  /** As POST /api/verifications does, and to the end. */
  ask(recoveryPoint?: string | null): Promise<VerificationRecord>;
  records(): VerificationRecord[];
  events(name: string): Record<string, unknown>[];
  /** One more backup, at this instant. */
  backUp(at: string): Promise<void>;
  /** Other bytes of the same length where a blob lies. */
  flip(blob: string): void;
}

export function verifying(world: World): VerifyWorld {
  const crashes = createCrashes();
  const queue = memoryQueue(world.clock, decodeVerifyMessage);
  let ids = 0;
  const deps: VerifyWorld['deps'] = {
    clock: world.clock,
    newId: () => `${++ids}`.padStart(12, '0'),
    events: world.deps.events,
    backups: world.backups,
    audit: crashes.guard(world.audit),
    state: crashes.guard(world.state),
    queue: { send: (...args) => crashes.around(() => queue.send(...args)) },
    settings: { verifyEveryDays: 30, retentionDays: 90, messageLeaseMs: leaseMs, appVersion: '1.0.0' },
  };
  const pump = createPump({
    clock: world.clock,
    queue,
    crashes,
    // As functions/verifyJobs.ts and verifyJobsPoison.ts.
    handle: (message) =>
      message.job.type === 'advanceVerification'
        ? advanceVerification(message.job, deps)
        : verifyBlobs(message, message.job, deps),
    poisoned: (message) => handleVerifyPoisoned(message, deps),
  });
  const recordAt = (name: string) =>
    verificationRecord.parse(JSON.parse(Buffer.from(world.audit.blobs.get(name)?.bytes ?? '').toString()));
  const self: VerifyWorld = {
    world,
    queue,
    pump,
    deps,
    writes: crashes.writes,
    crashAtWrite: crashes.crashAtWrite,
    async fireDaily() {
      try {
        await startDaily([vaultName], deps);
      } catch (error) {
        const crashed = error instanceof AggregateError && error.errors.some((e) => e instanceof Crash);
        if (!crashed) throw error;
        crashes.survive();
      }
    },
    async daily() {
      await self.fireDaily();
      await toItsEnd();
      const newest = self.records().at(-1);
      if (!newest) throw new Error('the verification left no record');
      return newest;
    },
    async ask(recoveryPoint = null) {
      const requestedBy = { name: 'ada@x', id: null, address: null };
      const { id } = await requestVerification({ vault: vaultName, recoveryPoint, requestedBy }, deps);
      await toItsEnd();
      return recordAt(verificationRecordName(id));
    },
    records: () => [...world.audit.blobs.keys()].sort().map(recordAt),
    events: (name) => world.events.filter((event) => event.name === name).map(({ fields }) => fields),
    async backUp(at) {
      world.clock.set(new Date(at));
      await world.fireTimer();
      await world.drain();
    },
    flip(blob) {
      const stored = world.backups.blobs.get(blob);
      if (!stored) throw new Error(`there is no ${blob}`);
      const bytes = Uint8Array.from(stored.bytes, (byte, index) => (index === 0 ? byte ^ 1 : byte));
      world.backups.blobs.set(blob, { ...stored, bytes });
    },
  };
  /** The message at the deadline stays behind; a verification that waits for it has lost its own. */
  async function toItsEnd() {
    const soon = world.clock.now().getTime() + 2 * 3_600_000;
    while ((queue.nextDueAt() ?? Number.POSITIVE_INFINITY) < soon) await pump.step();
  }
  return self;
}
