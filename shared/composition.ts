/**
 * Wires settings → adapters → decorators → use cases, once per process: one credential, one limiter per vault, clients
 * that are made on first use. The only importer of azure/ and policies/.
 */
import { randomBytes } from 'node:crypto';
import { blobContainer } from './azure/blobContainer.ts';
import { azureCredential, containerClient, queueClient } from './azure/clients.ts';
import { keyVault } from './azure/keyVault.ts';
import { storageQueue } from './azure/storageQueue.ts';
import { advanceRun } from './backup/advanceRun.ts';
import { backUpObject, type Delivery } from './backup/backUpObject.ts';
import type { BackupDeps } from './backup/deps.ts';
import { handlePoisoned } from './backup/poisoned.ts';
import { startPlan, startVaults, type VaultStart } from './backup/startPlan.ts';
import { type StatusDeps, statusQueries } from './backup/status.ts';
import type { Config } from './config.ts';
import { BackupError } from './domain/errors.ts';
import { type AdvanceRun, type BackupMessage, backupQueueName } from './domain/jobs.ts';
import type { Plan, PlanVault } from './domain/plans.ts';
import { governedVault } from './policies/governedVault.ts';
import { createGovernor } from './policies/governor.ts';
import { measuredVault } from './policies/measuredVault.ts';
import type { Clock } from './ports/clock.ts';
import type { Events } from './ports/events.ts';
import type { JobQueue } from './ports/jobQueue.ts';
import type { GovernedVault } from './ports/sourceVault.ts';
import { appVersion } from './version.ts';

/** A job goes back to the queue rather than hold a slot longer than this. */
const jobPatienceMs = 2_000;
/** A listing cannot go back to the queue half-way, so it waits out pauses, this long at a time. */
const listingPatienceMs = 90_000;

const systemClock: Clock = { now: () => new Date() };

export type App = ReturnType<typeof compose>;

export function compose(config: Config) {
  const credential = azureCredential(config.managedIdentityClientId);
  const homes = new Map(
    config.plans.flatMap((plan) =>
      plan.vaults.map((vault) => [vault.name.toLowerCase(), { plan, vault }] as const),
    ),
  );
  const vaults = new Map<string, GovernedVault>();
  const queue = once(
    (): JobQueue => storageQueue(queueClient(config.hostStorage, credential, backupQueueName(0))),
  );
  const backups = once(() => blobContainer(containerClient(config.backupStorage, credential, 'backups')));
  const state = once(() => blobContainer(containerClient(config.hostStorage, credential, 'state')));

  function vaultOf(name: string): GovernedVault {
    const home = homes.get(name.toLowerCase());
    if (!home) {
      throw new BackupError('invalid', `no plan has the vault ${name}`, {
        hint: 'Add the vault to a plan in BACKUP_PLANS, or ignore this if it was taken out on purpose.',
      });
    }
    const made = vaults.get(home.vault.name) ?? connect(home.plan, home.vault);
    vaults.set(home.vault.name, made);
    return made;
  }

  function connect(plan: Plan, { name, url }: PlanVault): GovernedVault {
    const governor = createGovernor({
      budgets: { objects: plan.requestsPer10Seconds, keys: plan.keyRequestsPer10Seconds },
      clock: systemClock,
      random: Math.random,
    });
    const { vault, meter } = measuredVault(
      keyVault({ name, url, credential, timeoutMs: config.vaultTimeoutMs }),
    );
    return {
      calls: governedVault(vault, governor, jobPatienceMs),
      patientCalls: governedVault(vault, governor, listingPatienceMs),
      pace: governor,
      meter,
    };
  }

  const depsWith = (events: Events): BackupDeps & StatusDeps => ({
    clock: systemClock,
    random: Math.random,
    newId: () => randomBytes(6).toString('hex'),
    events,
    backups: backups(),
    state: state(),
    queueOf: () => queue(),
    vaultOf,
    plans: config.plans,
    settings: {
      retentionDays: config.retentionDays,
      requireImmutableStorage: config.requireImmutableStorage,
      messageLeaseMs: config.messageLeaseMs,
      appVersion,
    },
  });

  return {
    config,
    findPlan: (name: string) =>
      config.plans.find((plan) => plan.name.toLowerCase() === name.toLowerCase()) ?? null,
    findVault: (name: string) => homes.get(name.toLowerCase()) ?? null,
    runPlan: (plan: Plan, events: Events) => startPlan(plan, depsWith(events)),
    startVaults: (starts: readonly VaultStart[], events: Events) => startVaults(starts, depsWith(events)),
    advanceRun: (job: AdvanceRun, events: Events) => advanceRun(job, depsWith(events)),
    backUpObject: (delivery: Delivery, events: Events) => backUpObject(delivery, depsWith(events)),
    handlePoisoned: (message: BackupMessage, events: Events) => handlePoisoned(message, depsWith(events)),
    status: (events: Events) => statusQueries(depsWith(events)),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
