/**
 * Wires settings → adapters → policies → use cases, once per process: one credential, one limiter per vault, clients
 * that are made on first use. The only importer of azure/ and policies/.
 */
import { randomBytes } from 'node:crypto';
import { blobContainer } from './azure/blobContainer.ts';
import { azureCredential, containerClient, queueClient, queueService } from './azure/clients.ts';
import { poisonQueues } from './azure/poisonQueues.ts';
import { armRetention } from './azure/retention.ts';
import { storageQueue } from './azure/storageQueue.ts';
import { strayQueues } from './azure/strayQueues.ts';
import { advanceRun } from './backup/advanceRun.ts';
import { backUpObject, type Delivery } from './backup/backUpObject.ts';
import type { BackupDeps } from './backup/deps.ts';
import { handlePoisoned } from './backup/poisoned.ts';
import { startPlan, startVaults, type VaultStart } from './backup/startPlan.ts';
import { type StatusDeps, statusQueries } from './backup/status.ts';
import type { Config } from './config.ts';
import { configurationApp } from './configurationApp.ts';
import { advanceDiff } from './diff/advanceDiff.ts';
import type { DiffDeps } from './diff/deps.ts';
import { diffPoints, type PointsRequest } from './diff/diffPoints.ts';
import { type DiffPage, diffDetail, handlePoisonedDiff, requestDiff } from './diff/requestDiff.ts';
import { orderOf } from './domain/drill.ts';
import {
  type AdvanceDiff,
  type AdvanceDrill,
  type AdvanceRestore,
  type AdvanceRun,
  type AdvanceVerification,
  type BackupMessage,
  type RestoreMessage,
  restoreQueueName,
  type VerifyBlobs,
  type VerifyMessage,
  verifyQueueName,
} from './domain/jobs.ts';
import type { DiffRequest, DiffState } from './domain/liveDiff.ts';
import type { Plan } from './domain/plans.ts';
import { findTarget } from './domain/restoreTargets.ts';
import { backupQueueName, shardOf } from './domain/shards.ts';
import type { StorageAddress } from './domain/storageAddress.ts';
import { advanceDrill } from './drill/advanceDrill.ts';
import type { DrillDeps } from './drill/deps.ts';
import { requestDrill, startDrills, watchDrills } from './drill/startDrills.ts';
import { newestDrills } from './engine/drills.ts';
import { once } from './once.ts';
import { portableApp } from './portableApp.ts';
import { unwrappingKeys } from './portableVaults.ts';
import type { Clock } from './ports/clock.ts';
import type { Events } from './ports/events.ts';
import type { JobQueue } from './ports/jobQueue.ts';
import { advanceRestore } from './restore/advanceRestore.ts';
import type { RestoreDeps } from './restore/deps.ts';
import { moveRecords } from './restore/moves.ts';
import { type RestoreCall, requestRestore } from './restore/requestRestore.ts';
import { type RestoreDelivery, restoreObject } from './restore/restoreObject.ts';
import { handleRestorePoisoned } from './restore/restorePoisoned.ts';
import { listRestores, restoreDetail } from './restore/restoreStatus.ts';
import { sourceVaults, targetVaults } from './vaults.ts';
import { advanceVerification } from './verify/advanceVerification.ts';
import type { VerifyDeps } from './verify/deps.ts';
import { requestVerification, startDaily, type VerificationRequest } from './verify/startVerification.ts';
import { verificationDetail } from './verify/verificationStatus.ts';
import { verifyBlobs } from './verify/verifyBlobs.ts';
import { handleVerifyPoisoned } from './verify/verifyPoisoned.ts';
import { appVersion } from './version.ts';
import { checkRetention } from './watch/checkRetention.ts';
import { watchRestores } from './watch/watchRestores.ts';
import { watchRuns } from './watch/watchRuns.ts';

/** A restore that has not ended by then is sealed with what is missing named. */
const restoreDeadlineMinutes = 720;

const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export type App = ReturnType<typeof compose>;

export function compose(config: Config) {
  const credential = azureCredential(config.managedIdentityClientId);
  const sources = sourceVaults(config, credential, systemClock);
  const targetOf = targetVaults(config, credential, systemClock);
  const recipients = unwrappingKeys(config, credential, systemClock);
  const { storageTimeoutMs } = config;
  const queueNamed = (name: string) =>
    storageQueue(queueClient(config.hostStorage, credential, name), storageTimeoutMs);
  const containerNamed = (name: string, storage: StorageAddress) =>
    blobContainer(containerClient(storage, credential, name), storageTimeoutMs);
  const backupQueues = Array.from({ length: config.shards }, (_, shard) =>
    once(() => queueNamed(backupQueueName(shard))),
  );
  /** A vault is always in the same shard, so that it has one limiter. */
  function queueOf(vault: string): JobQueue {
    const queue = backupQueues[shardOf(vault, config.shards)];
    if (!queue) throw new Error(`there is no queue for ${vault}`);
    return queue();
  }
  const poison = once(() => poisonQueues(queueService(config.hostStorage, credential)));
  const strays = once(() =>
    strayQueues(queueService(config.hostStorage, credential), config.shards, queueOf),
  );
  const restoreQueue = once(() => queueNamed(restoreQueueName));
  const verifyQueue = once(() => queueNamed(verifyQueueName));
  const backups = once(() => containerNamed('backups', config.backupStorage));
  const audit = once(() => containerNamed('audit', config.backupStorage));
  const safety = once(() => containerNamed('safety', config.backupStorage));
  const state = once(() => containerNamed('state', config.hostStorage));

  const retention = once(() => {
    const { backupStorageResource: resource, cloud } = config;
    return resource && armRetention({ resource, container: 'backups', credential, cloud });
  });

  const common = (events: Events) => ({
    clock: systemClock,
    random: Math.random,
    newId: () => randomBytes(6).toString('hex'),
    events,
    backups: backups(),
    state: state(),
  });
  const backupDeps = (events: Events): BackupDeps & StatusDeps => ({
    ...common(events),
    queueOf,
    strays: strays(),
    audit: audit(),
    vaultOf: sources.vaultOf,
    recordsSettings: configuration.recordsSettings,
    plans: config.plans,
    settings: {
      retentionDays: config.retentionDays,
      fullEveryDays: config.fullEveryDays,
      requireImmutableStorage: config.requireImmutableStorage,
      messageLeaseMs: config.messageLeaseMs,
      appVersion,
    },
  });
  const restoreDeps = (events: Events): RestoreDeps => ({
    ...common(events),
    audit: audit(),
    safety: safety(),
    queue: restoreQueue(),
    recipients,
    targetOf,
    settings: { messageLeaseMs: config.messageLeaseMs, deadlineMinutes: restoreDeadlineMinutes, appVersion },
  });

  const verifyDeps = (events: Events): VerifyDeps => ({
    ...common(events),
    audit: audit(),
    queue: verifyQueue(),
    settings: {
      verifyEveryDays: config.verifyEveryDays,
      retentionDays: config.retentionDays,
      messageLeaseMs: config.messageLeaseMs,
      appVersion,
    },
  });

  const drillDeps = (events: Events): DrillDeps => ({
    ...restoreDeps(events),
    drillOf: (plan) => planNamed(plan)?.drill ?? null,
    scratchOf: (vault, target) => {
      const found = findTarget(config.restoreTargets, vault, target);
      return found?.drill === true ? found : null;
    },
  });

  const planNamed = (name: string) =>
    config.plans.find((plan) => plan.name.toLowerCase() === name.toLowerCase()) ?? null;

  const liveQueueOf = ({ name, role }: DiffState['live']) =>
    role === 'source' ? queueOf(name) : restoreQueue();
  const liveOf = ({ name, role }: DiffState['live']) =>
    role === 'source' ? sources.vaultOf(name) : targetOf(name);
  const configuration = configurationApp(config, credential, {
    common,
    queueOf: ({ vault: name, role }) => liveQueueOf({ name, role }),
    liveOf: ({ vault: name, role }) => liveOf({ name, role }),
  });

  const diffDeps = (events: Events): DiffDeps => ({
    ...common(events),
    queueOf: liveQueueOf,
    liveOf,
  });

  return {
    config,
    findPlan: planNamed,
    findVault: sources.find,
    findTarget: (source: string, target: string) => findTarget(config.restoreTargets, source, target),
    runPlan: (plan: Plan, events: Events) => startPlan(plan, backupDeps(events)),
    startVaults: (starts: readonly VaultStart[], events: Events) => startVaults(starts, backupDeps(events)),
    advanceRun: (job: AdvanceRun, events: Events) => advanceRun(job, backupDeps(events)),
    backUpObject: (delivery: Delivery, events: Events) => backUpObject(delivery, backupDeps(events)),
    handlePoisoned: (message: BackupMessage, events: Events) => handlePoisoned(message, backupDeps(events)),
    checkRetention: (events: Events) => checkRetention({ retention: retention(), events, settings: config }),
    watchRuns: (events: Events) =>
      watchRuns({ ...backupDeps(events), poison: poison(), verifyQueue: verifyQueue() }),
    diffPoints: (request: PointsRequest, events: Events) => diffPoints(request, common(events)),
    requestDiff: (request: DiffRequest, live: DiffState['live'], events: Events) =>
      requestDiff(request, live, diffDeps(events)),
    advanceDiff: (job: AdvanceDiff, role: DiffState['live']['role'], events: Events) =>
      advanceDiff(job, role, diffDeps(events)),
    handlePoisonedDiff: (job: AdvanceDiff, events: Events) => handlePoisonedDiff(job, diffDeps(events)),
    diffDetail: (id: string, page: DiffPage, events: Events) => diffDetail(id, page, diffDeps(events)),
    status: (events: Events) => statusQueries(backupDeps(events)),
    requestRestore: (call: RestoreCall, events: Events) => requestRestore(call, restoreDeps(events)),
    advanceRestore: (job: AdvanceRestore, events: Events) => advanceRestore(job, restoreDeps(events)),
    restoreObject: (delivery: RestoreDelivery, events: Events) =>
      restoreObject(delivery, restoreDeps(events)),
    handleRestorePoisoned: (message: RestoreMessage, events: Events) =>
      handleRestorePoisoned(message, restoreDeps(events)),
    moves: (events: Events) => moveRecords(restoreDeps(events)),
    restoreDetail: (id: string, events: Events) => restoreDetail(id, restoreDeps(events)),
    watchRestores: (events: Events) => {
      // Where one app does everything, the watch of the backups counts the account's poison queues.
      const counted = config.role === 'restore' ? poison() : null;
      return watchRestores({ ...restoreDeps(events), poison: counted });
    },
    startDrills: (plan: Plan, events: Events) => startDrills(plan, drillDeps(events)),
    watchDrills: (events: Events) => watchDrills(config.plans, drillDeps(events)),
    requestDrill: (vault: string, events: Events) =>
      requestDrill(vault, sources.find(vault)?.plan ?? null, drillDeps(events)),
    advanceDrill: (message: RestoreMessage, job: AdvanceDrill, events: Events) =>
      advanceDrill(message, orderOf(job), drillDeps(events)),
    listDrills: (vault: string) => newestDrills(vault, { audit: audit() }),
    listRestores: (events: Events) => listRestores(restoreDeps(events)),
    verifyVaults: (events: Events) =>
      startDaily(
        config.plans.flatMap((plan) => plan.vaults.map(({ name }) => name)),
        verifyDeps(events),
      ),
    requestVerification: (request: VerificationRequest, events: Events) =>
      requestVerification(request, verifyDeps(events)),
    advanceVerification: (job: AdvanceVerification, events: Events) =>
      advanceVerification(job, verifyDeps(events)),
    verifyBlobs: (message: VerifyMessage, job: VerifyBlobs, events: Events) =>
      verifyBlobs(message, job, verifyDeps(events)),
    handleVerifyPoisoned: (message: VerifyMessage, events: Events) =>
      handleVerifyPoisoned(message, verifyDeps(events)),
    verificationDetail: (id: string, events: Events) => verificationDetail(id, verifyDeps(events)),
    ...configuration,
    ...portableApp(config, credential, { common, clock: systemClock, backups, queueNamed, poison }),
  };
}
