/**
 * The whole local stack on loopback: Azurite behind the immutability proxy, the Key Vault emulator over HTTPS, and the
 * functions host with the bundled app. Ports are chosen freely; stop() ends everything. Used by npm start, the demo,
 * the e2e tests and the bench.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import {
  type Emulator,
  type EmulatorOptions,
  type IdentitySpec,
  startEmulator,
  type VaultSpec,
} from '../emulator/emulator.ts';
import { makeTls } from '../emulator/tls.ts';
import { type HostOptions, type LocalHost, startHost } from '../host/host.ts';
import { type AppName, storageIdentities, type VaultGrants, vaultAssignments } from './assignments.ts';
import { type Azurite, startAzurite } from './azurite.ts';
import { type StorageProxy, startStorageProxy } from './storageProxy.ts';

export const wormContainers = ['backups', 'audit', 'safety'];
const queuesOf = (shards: number) =>
  [
    ...Array.from({ length: shards }, (_, shard) => `backup-jobs-${shard}`),
    'restore-jobs',
    'verify-jobs',
    'portable-jobs',
  ].flatMap((name) => [name, `${name}-poison`]);

export interface StackOptions {
  readonly vaults: VaultSpec[];
  /** Besides those of the two apps, which have the rights that infra/ gives them. */
  readonly identities?: IdentitySpec[];
  /** The plans, given the vaults' addresses. */
  readonly plans: (vaults: Emulator['vaults']) => unknown[];
  /** RESTORE_TARGETS; then the restore app runs too, in a host of its own with the identity `restore`. */
  readonly restoreTargets?: (vaults: Emulator['vaults']) => object;
  /** Settings over the stack's own, and over those for the restore app. */
  readonly env?: Record<string, string>;
  /** The restore app gets the plans too, for their drills. */
  readonly restorePlans?: boolean;
  readonly restoreEnv?: (vaults: Emulator['vaults']) => Record<string, string>;
  /** The portable app runs too, in a host of its own with the identity `portable`. */
  readonly portable?: boolean;
  readonly emulator?: Partial<EmulatorOptions>;
  readonly host?: Partial<HostOptions>;
  /** Azure Resource Manager, for a stack whose vaults have resource ids; it may use the stack's certificate. */
  readonly controlPlane?: (tls: { cert: string; key: string }) => Promise<ControlPlane>;
  /** False: the storage has no immutability policy. */
  readonly worm?: boolean;
}

export interface ControlPlane {
  readonly url: string;
  stop(): Promise<void>;
}

export interface Stack {
  readonly api: string;
  readonly emulator: Emulator;
  /** What the two apps may do on which vault. */
  readonly granted: Record<AppName, VaultGrants>;
  readonly azurite: Azurite;
  readonly blobs: StorageProxy;
  readonly queues: StorageProxy;
  readonly host: LocalHost;
  /** The restore app, where it runs. */
  readonly restoreHost: LocalHost | null;
  /** The portable app, where it runs. */
  readonly portableHost: LocalHost | null;
  /** What the backup app needs. */
  readonly env: Record<string, string>;
  /** What is different for the restore app. */
  readonly restoreEnv: Record<string, string>;
  /** What is different for the portable app. */
  readonly portableEnv: Record<string, string>;
  /** The backup account for an app with that role. */
  readonly backupStorageFor: (role: AppName | 'all') => string;
  readonly connectionString: string;
  readonly container: (name: string) => ContainerClient;
  readonly queue: (name: string) => QueueClient;
  /** The folder with ca.pem, for NODE_EXTRA_CA_CERTS. */
  readonly folder: string;
  startHost(overrides?: Partial<HostOptions>): Promise<LocalHost>;
  stop(): Promise<void>;
}

const appDir = path.resolve(import.meta.dirname, '../..');

export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(path.join(tmpdir(), 'keyvault-backup-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const stopOne of stops.reverse()) await stopOne();
    stops.length = 0;
  };
  try {
    const { ca, ...tls } = await makeTls();
    await writeFile(path.join(folder, 'ca.pem'), ca);
    const [azurite, emulator, arm] = await Promise.all([
      startAzurite(),
      startEmulator({ vaults: options.vaults, identities: identitiesOf(options), tls, ...options.emulator }),
      options.controlPlane?.(tls) ?? null,
    ]);
    stops.push(
      () => azurite.stop(),
      () => emulator.stop(),
      async () => arm?.stop(),
    );
    const blobs = await startStorageProxy({
      kind: 'blob',
      target: new URL(azurite.blobUrl).origin,
      worm: options.worm === false ? [] : wormContainers,
      identities: storageIdentities,
    });
    const queueProxy = await startStorageProxy({ kind: 'queue', target: new URL(azurite.queueUrl).origin });
    stops.push(
      () => blobs.stop(),
      () => queueProxy.stop(),
    );
    const storageAt = (blobUrl: string) => connectionStringOf(azurite, blobUrl, queueProxy.url);
    const connectionString = storageAt(blobs.url);
    const backupStorageFor = (role: AppName | 'all') => storageAt(blobs.urlFor(role));
    const plans = options.plans(emulator.vaults);
    const targets = options.restoreTargets?.(emulator.vaults);
    const granted = vaultAssignments(plans, targets, emulator.vaults);
    emulator.control.setGrants('backup', granted.backup);
    emulator.control.setGrants('restore', granted.restore);
    emulator.control.setGrants('portable', granted.portable);
    const env: Record<string, string> = {
      ...commonEnvironment(emulator, folder),
      ...(options.restoreTargets || options.portable ? { APP_ROLE: 'backup' } : {}),
      BACKUP_PLANS: JSON.stringify(plans),
      AzureWebJobsStorage: storageAt(blobs.urlFor('host')),
      BackupStorage: backupStorageFor('backup'),
      ...(arm ? { RESOURCE_MANAGER_URL: arm.url } : {}),
      ...options.env,
    };
    const restoreEnv: Record<string, string> = {
      APP_ROLE: 'restore',
      AZURE_CLIENT_ID: 'restore',
      BackupStorage: backupStorageFor('restore'),
      RESTORE_TARGETS: JSON.stringify(targets ?? {}),
      BACKUP_PLANS: options.restorePlans ? JSON.stringify(plans) : '',
      ...options.restoreEnv?.(emulator.vaults),
    };
    const portableEnv: Record<string, string> = {
      APP_ROLE: 'portable',
      AZURE_CLIENT_ID: 'portable',
      BackupStorage: backupStorageFor('portable'),
      RESTORE_TARGETS: '',
    };
    await createStorage(connectionString, Number(env['BACKUP_SHARDS'] ?? 1));

    const startTheHost = (overrides: Partial<HostOptions> = {}) =>
      startHost({ appDir, ...options.host, ...overrides, env: { ...env, ...overrides.env } });
    const host = await startTheHost();
    stops.push(() => host.stop());
    const restoreHost = targets ? await startTheHost({ env: restoreEnv }) : null;
    if (restoreHost) stops.push(() => restoreHost.stop());
    const portableHost = options.portable ? await startTheHost({ env: portableEnv }) : null;
    if (portableHost) stops.push(() => portableHost.stop());
    const stack: Stack = {
      api: `${host.url}/api`,
      emulator,
      granted,
      azurite,
      blobs,
      queues: queueProxy,
      host,
      restoreHost,
      portableHost,
      env,
      restoreEnv,
      portableEnv,
      backupStorageFor,
      connectionString,
      container: (name) => BlobServiceClient.fromConnectionString(connectionString).getContainerClient(name),
      queue: (name) => QueueServiceClient.fromConnectionString(connectionString).getQueueClient(name),
      folder,
      startHost: async (overrides) => {
        const another = await startTheHost(overrides);
        stops.push(() => another.stop());
        return another;
      },
      stop,
    };
    return stack;
  } catch (error) {
    await stop();
    throw error;
  }
}

function identitiesOf({ identities = [] }: StackOptions): IdentitySpec[] {
  const apps = ['backup', 'restore', 'portable'].map((name) => ({ name, clientId: name, grants: {} }));
  return [...apps, ...identities];
}

const commonEnvironment = (emulator: Emulator, folder: string) => ({
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  FUNCTIONS_WORKER_RUNTIME: 'node',
  API_AUTH: 'key',
  IDENTITY_ENDPOINT: emulator.identityEndpoint,
  IDENTITY_HEADER: emulator.identityHeader,
  NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
});

const connectionStringOf = ({ accountName, accountKey }: Azurite, blobOrigin: string, queueOrigin: string) =>
  [
    'DefaultEndpointsProtocol=http',
    `AccountName=${accountName}`,
    `AccountKey=${accountKey}`,
    `BlobEndpoint=${blobOrigin}/${accountName}`,
    `QueueEndpoint=${queueOrigin}/${accountName}`,
  ].join(';');

/** In Azure the infrastructure makes these; the app has no right to. */
async function createStorage(connectionString: string, shards: number): Promise<void> {
  const blobService = BlobServiceClient.fromConnectionString(connectionString);
  const queueService = QueueServiceClient.fromConnectionString(connectionString);
  await Promise.all([
    ...[...wormContainers, 'state'].map((name) => blobService.getContainerClient(name).createIfNotExists()),
    ...queuesOf(shards).map((name) => queueService.getQueueClient(name).createIfNotExists()),
  ]);
}
