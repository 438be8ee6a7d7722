/**
 * The use cases of portable copies in a world of memory: the container and the vault of a backup world, a state and a
 * queue of its own, real encryption to a recipient whose private key the test has, and a process that may die at any
 * write to storage or queue.
 */
import { generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { sealCopy } from '../../shared/azure/sealCopy.ts';
import { portablePointName, portableStateName } from '../../shared/domain/blobNames.ts';
import { BackupError } from '../../shared/domain/errors.ts';
import { decodePortableMessage, type PortableMessage } from '../../shared/domain/jobs.ts';
import {
  type PortableLine,
  type PortablePoint,
  parsePortableIndex,
  parsePortablePoint,
} from '../../shared/domain/portablePoint.ts';
import { type PortableState, portableState } from '../../shared/domain/portableState.ts';
import { advancePortable } from '../../shared/portable/advancePortable.ts';
import { copyObject } from '../../shared/portable/copyObject.ts';
import type { PortableDeps } from '../../shared/portable/deps.ts';
import { handlePortablePoisoned } from '../../shared/portable/portablePoisoned.ts';
import { type PortableStart, startPortable } from '../../shared/portable/startPortable.ts';
import type { EventFields, EventName } from '../../shared/ports/events.ts';
import { Crash, type Crashes, createCrashes } from './crashes.ts';
import { fakeReadable } from './fakeReadable.ts';
import { type MemoryContainer, memoryContainer } from './memoryContainer.ts';
import { type MemoryQueue, memoryQueue } from './memoryQueue.ts';
import { createPump, leaseMs, type Pump } from './pump.ts';
import { runId, vaultName, type World } from './world.ts';

const keyId = 'https://recovery.vault.azure.net/keys/portable';
const kid = `${keyId}/${'0'.repeat(32)}`;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { n = '', e = '' } = privateKey.export({ format: 'jwk' });

/** The vault of the recipient's key, for a restore. */
export const recipients = {
  allows: (one: string) => one === kid,
  unwrap: async (_kid: string, encryptedKey: Uint8Array): Promise<Uint8Array> =>
    privateDecrypt({ key: privateKey, oaepHash: 'sha256' }, encryptedKey),
};

export interface PortableWorld extends Pump, Pick<Crashes, 'writes' | 'crashAtWrite'> {
  readonly source: World;
  readonly state: MemoryContainer;
  readonly queue: MemoryQueue<PortableMessage>;
  readonly deps: PortableDeps;
  readonly events: { name: EventName; fields: EventFields }[];
  /** What the timer does; `died` if the process did. */
  look(): Promise<PortableStart | 'died'>;
  /** Looks every five minutes, as the timer does, until there is nothing to do; then empties the queue. */
  copyAll(): Promise<void>;
  point(runId?: string): PortablePoint | null;
  lines(runId?: string): PortableLine[];
  /** As it lies there; null before the first start. */
  copying(): PortableState | null;
}

const textOf = ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString('utf8');
const everyMs = 5 * 60_000;

export function createPortableWorld(source: World, { versions = 3 } = {}): PortableWorld {
  const { clock } = source;
  const state = memoryContainer(clock);
  const queue = memoryQueue(clock, decodePortableMessage);
  const crashes = createCrashes();
  const events: PortableWorld['events'] = [];
  const vault = fakeReadable(source.vault);
  const portable = { recipients: [keyId], versions, include: ['**'], exclude: [] };
  const home = {
    vault: { name: vaultName, url: `https://${vaultName}.vault.azure.net` },
    plan: { name: 'payments', deadlineMinutes: 240, portable },
  };
  let ids = 0;
  const deps: PortableDeps = {
    clock,
    random: () => 0,
    newId: () => `plan${++ids}`,
    events: { emit: (name, fields) => void events.push({ name, fields }) },
    backups: crashes.guard(source.backups),
    state: crashes.guard(state),
    queue: { send: (...args) => crashes.around(() => queue.send(...args)) },
    homes: [home],
    vaultOf: (name) => {
      if (name === vaultName) return vault;
      throw new BackupError('invalid', `no plan wants copies of ${name}`);
    },
    recipientKey: async () => ({ kid, n, e }),
    seal: sealCopy,
    settings: { fullEveryDays: 7, messageLeaseMs: leaseMs, appVersion: '1.0.0' },
  };
  const pump = createPump({
    clock,
    queue,
    crashes,
    // As functions/portableJobs.ts and portableJobsPoison.ts.
    handle: (message, last) =>
      message.job.type === 'advancePortable'
        ? advancePortable(message.job, deps)
        : copyObject({ message, job: message.job, last }, deps),
    poisoned: (message) => handlePortablePoisoned(message, deps),
  });

  const world: PortableWorld = {
    source,
    state,
    queue,
    deps,
    events,
    ...pump,
    writes: crashes.writes,
    crashAtWrite: crashes.crashAtWrite,
    async look() {
      try {
        return await startPortable(home, deps);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        crashes.survive();
        return 'died';
      }
    },
    async copyAll() {
      for (let looks = 0; looks < 100; looks += 1) {
        const looked = await world.look();
        if (looked === 'upToDate' || looked === 'noPoint') return world.drain();
        const next = clock.now().getTime() + everyMs;
        while ((queue.nextDueAt() ?? Infinity) <= next) await world.step();
        clock.advance(next - clock.now().getTime());
      }
      throw new Error('the copies never ended');
    },
    point(id = runId) {
      const found = source.backups.blobs.get(portablePointName(vaultName, id));
      return found ? parsePortablePoint(textOf(found)) : null;
    },
    lines(id = runId) {
      const found = source.backups.blobs.get(world.point(id)?.index.blob ?? '');
      return found ? parsePortableIndex(textOf(found)) : [];
    },
    copying() {
      const found = state.blobs.get(portableStateName(vaultName));
      return found ? portableState.parse(JSON.parse(textOf(found))) : null;
    },
  };
  return world;
}
