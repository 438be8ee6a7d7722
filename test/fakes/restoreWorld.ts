/**
 * The restore use cases in a world of memory: the containers that a backup world filled, a state of its own, a target
 * vault, and a process that may die at any write to storage, queue or target. The recovery points are made by running
 * backups, so their format is the product's own.
 */
import type { z } from 'zod';
import { auditName } from '../../shared/domain/blobNames.ts';
import { orderOf } from '../../shared/domain/drill.ts';
import { BackupError } from '../../shared/domain/errors.ts';
import { type AdvanceDrill, decodeRestoreMessage, type RestoreMessage } from '../../shared/domain/jobs.ts';
import { type Kind, objectKey } from '../../shared/domain/objects.ts';
import type { DrillPlan } from '../../shared/domain/plans.ts';
import { restoreRequest } from '../../shared/domain/restoreRequest.ts';
import type { RestoreState } from '../../shared/domain/restoreState.ts';
import type { RestoreTarget } from '../../shared/domain/restoreTargets.ts';
import type { RestoreDetail } from '../../shared/domain/restoreViews.ts';
import { parseSchedule } from '../../shared/domain/schedule.ts';
import { advanceDrill } from '../../shared/drill/advanceDrill.ts';
import type { DrillDeps } from '../../shared/drill/deps.ts';
import type { EventFields, EventName } from '../../shared/ports/events.ts';
import type { TargetVault } from '../../shared/ports/targetVault.ts';
import { advanceRestore } from '../../shared/restore/advanceRestore.ts';
import type { RestoreDeps } from '../../shared/restore/deps.ts';
import { requestRestore } from '../../shared/restore/requestRestore.ts';
import { restoreObject } from '../../shared/restore/restoreObject.ts';
import { handleRestorePoisoned } from '../../shared/restore/restorePoisoned.ts';
import { restoreDetail } from '../../shared/restore/restoreStatus.ts';
import { type Crashes, createCrashes } from './crashes.ts';
import { openBlob } from './fakeBlob.ts';
import { type FakeClock, fakeClock } from './fakeClock.ts';
import { type FakeTarget, fakeTarget } from './fakeTarget.ts';
import { type MemoryContainer, memoryContainer } from './memoryContainer.ts';
import { type MemoryQueue, memoryQueue } from './memoryQueue.ts';
import { recipients } from './portableWorld.ts';
import { createPump, leaseMs, type Pump } from './pump.ts';
import type { TargetTraits } from './targetFacts.ts';
import { createWorld, runId, vaultName, type World } from './world.ts';

export const targetName = 'contoso-dr';
export type Asked = Partial<z.input<typeof restoreRequest>>;

export interface RestoreWorld extends Pump, Pick<Crashes, 'writes' | 'crashAtWrite' | 'survive'> {
  readonly clock: FakeClock;
  readonly backups: MemoryContainer;
  readonly state: MemoryContainer;
  readonly audit: MemoryContainer;
  readonly safety: MemoryContainer;
  readonly queue: MemoryQueue<RestoreMessage>;
  readonly target: FakeTarget;
  readonly deps: { -readonly [Name in keyof RestoreDeps]: RestoreDeps[Name] };
  readonly events: { name: EventName; fields: EventFields }[];
  /** What the plan says of drills, and whether the target is marked as a scratch vault. */
  readonly drilling: { plan: DrillPlan | null; isScratch: boolean };
  readonly drillDeps: DrillDeps;
  /** The target is not configured any more. */
  forbidTarget(): void;
  /** As POST /api/restores does, once the body is parsed. */
  request(asked?: Asked, idempotencyKey?: string | null): Promise<RestoreState>;
  detail(id: string): Promise<RestoreDetail>;
  /** Asks, and waits for the end. */
  restore(asked?: Asked): Promise<RestoreDetail>;
  /** Lets the target hold an object as the recovery point does. */
  holdAsBackedUp(kind: Kind, name: string): void;
  audited(id: string, which: 'started' | 'ended'): Record<string, unknown> | null;
}

/** A vault with a little of everything, and one recovery point of it. */
export async function backedUp(prepare: (world: World) => void = seedSource): Promise<World> {
  const world = createWorld();
  prepare(world);
  await world.fireTimer();
  await world.drain();
  return world;
}

const everySunday = (() => {
  const schedule = parseSchedule('0 0 4 * * 0');
  if ('problem' in schedule) throw new Error(schedule.problem);
  return schedule;
})();

export function seedSource({ vault }: World): void {
  vault.put('secret', 'db-password');
  vault.put('secret', 'db-password', { contentType: 'text/plain', expires: 1_900_000_000 });
  vault.put('secret', 'API-key', { enabled: false });
  vault.put('key', 'signing');
  vault.put('certificate', 'www', { x5t: 'the-thumbprint' });
  for (const kind of ['key', 'secret'] as const) vault.put(kind, 'www', { managed: true });
}

export interface RestoreWorldOptions {
  readonly traits?: Partial<TargetTraits>;
  readonly allowReplace?: boolean;
  readonly portable?: boolean;
  readonly deadlineMinutes?: number;
}

const json = (bytes: Uint8Array) =>
  JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;

export function createRestoreWorld(
  source: World,
  { traits = {}, allowReplace = true, portable = false, deadlineMinutes = 720 }: RestoreWorldOptions = {},
): RestoreWorld {
  const clock = fakeClock(source.clock.now());
  const storage = {
    backups: memoryContainer(clock),
    state: memoryContainer(clock),
    audit: memoryContainer(clock),
    safety: memoryContainer(clock),
    queue: memoryQueue(clock, decodeRestoreMessage),
  };
  for (const [name, blob] of source.backups.blobs) storage.backups.blobs.set(name, blob);
  const target = fakeTarget(clock, traits);
  const configured: RestoreTarget = {
    name: targetName,
    url: `https://${targetName}.vault.azure.net`,
    allowReplace,
    drill: true,
    portable,
    requestsPer10Seconds: 400,
    keyRequestsPer10Seconds: 25,
    creatingRequestsPer10Seconds: 250,
  };
  const events: RestoreWorld['events'] = [];
  const crashes = createCrashes();
  const mortal = mortalCalls(target.calls, crashes);
  let allowed = true;
  let ids = 0;
  const deps: RestoreDeps = {
    clock,
    random: () => 0,
    newId: () => (++ids).toString(16).padStart(12, '0'),
    events: { emit: (name, fields) => void events.push({ name, fields }) },
    backups: crashes.guard(storage.backups),
    state: crashes.guard(storage.state),
    audit: crashes.guard(storage.audit),
    safety: crashes.guard(storage.safety),
    queue: { send: (...args) => crashes.around(() => storage.queue.send(...args)) },
    recipients,
    targetOf: (name) => {
      if (!allowed || name !== targetName) throw new BackupError('invalid', `${name} is no restore target`);
      return { ...target, calls: mortal, patientCalls: mortal };
    },
    settings: { messageLeaseMs: leaseMs, deadlineMinutes, appVersion: '1.0.0' },
  };
  const drilling: RestoreWorld['drilling'] = {
    plan: { schedule: everySunday, target: targetName, sample: 2, canaries: [] },
    isScratch: true,
  };
  const drillDeps: DrillDeps = {
    ...deps,
    drillOf: () => drilling.plan,
    scratchOf: () => (drilling.isScratch ? configured : null),
  };
  const drilled = (message: RestoreMessage, job: AdvanceDrill) =>
    advanceDrill(message, orderOf(job), drillDeps);
  const pump = createPump({
    clock,
    queue: storage.queue,
    crashes,
    // As functions/restoreJobs.ts and restoreJobsPoison.ts.
    handle: (message, last) =>
      message.job.type === 'advanceDrill'
        ? drilled(message, message.job)
        : message.job.type === 'advanceRestore'
          ? advanceRestore(message.job, deps)
          : restoreObject({ message, job: message.job, last }, deps),
    poisoned: (message) => handleRestorePoisoned(message, deps),
  });

  const world: RestoreWorld = {
    clock,
    ...storage,
    ...pump,
    target,
    drilling,
    drillDeps,
    deps,
    events,
    writes: crashes.writes,
    crashAtWrite: crashes.crashAtWrite,
    survive: crashes.survive,
    forbidTarget() {
      allowed = false;
    },
    request: (asked = {}, idempotencyKey = null) =>
      requestRestore(
        {
          request: restoreRequest.parse({
            vault: vaultName,
            objects: ['**'],
            target: targetName,
            reason: 'a test of the restore',
            ...asked,
          }),
          target: configured,
          caller: { name: 'operator', id: null, address: '192.0.2.7' },
          idempotencyKey,
        },
        deps,
      ),
    async detail(id) {
      const found = await restoreDetail(id, { state: storage.state, clock });
      if (!found) throw new Error(`there is no restore ${id}`);
      return found;
    },
    async restore(asked) {
      const { id } = await world.request(asked);
      await world.drain();
      return world.detail(id);
    },
    holdAsBackedUp(kind, name) {
      const line = source.lines(runId).find((each) => objectKey(each) === objectKey({ kind, name }));
      const stored = storage.backups.blobs.get(line?.blob ?? '');
      const content = stored && openBlob(kind, stored.bytes);
      if (!line || !content) throw new Error(`the recovery point has no ${kind} ${name}`);
      target.shelf.place(content, content.versions, line.rotationPolicy ?? undefined);
    },
    audited(id, which) {
      const stored = storage.audit.blobs.get(auditName(id, which));
      return stored ? json(stored.bytes) : null;
    },
  };
  return world;
}

/** What changes the target, or takes long there, is something to die around. */
const mortalCalls = (calls: TargetVault, { around }: Crashes): TargetVault => ({
  ...calls,
  restore: (...args) => around(() => calls.restore(...args)),
  backup: (...args) => around(() => calls.backup(...args)),
  remove: (...args) => around(() => calls.remove(...args)),
  purge: (...args) => around(() => calls.purge(...args)),
  recover: (...args) => around(() => calls.recover(...args)),
  setSecret: (...args) => around(() => calls.setSecret(...args)),
  importCertificate: (...args) => around(() => calls.importCertificate(...args)),
  setRotationPolicy: (...args) => around(() => calls.setRotationPolicy(...args)),
});

/** objectKey → outcome. */
export const outcomesOf = ({ objects }: RestoreDetail): Record<string, string | undefined> =>
  Object.fromEntries(objects.map(({ object, outcome }) => [object, outcome]));
