/**
 * The stack that is measured: Azurite's two processes, the emulator in a process of its own at 20 ms per call, the
 * host in the bench's process, the app's bundle in worker processes. Without the storage proxies unless calls are
 * counted, because they would be one more thing to wait for.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { Limits, VaultSpec } from '../emulator/options.ts';
import { type HostLogLine, type HostOptions, type LocalHost, startHost } from '../host/host.ts';
import { type Azurite, startAzurite } from '../local/azurite.ts';
import { type StorageProxy, startStorageProxy } from '../local/storageProxy.ts';
import { trust } from '../local/trust.ts';
import { type EmulatorProcess, startEmulatorProcess } from './emulatorProcess.ts';
import { type Runs, watchRuns } from './runs.ts';

export const latencyMs = 20;

export interface BenchOptions {
  readonly vaults: string[];
  /** Requests per 10 s, for all vaults or by vault. */
  readonly budget: number | Readonly<Record<string, number>>;
  readonly shards?: number;
  readonly limits?: Partial<Limits>;
  /** Vaults that the first one may be restored into. */
  readonly targets?: string[];
  readonly host?: Partial<HostOptions>;
  readonly proxies?: boolean;
}

export interface Bench extends Runs {
  readonly emulator: EmulatorProcess;
  readonly host: LocalHost;
  readonly proxies: { readonly blobs: StorageProxy; readonly queues: StorageProxy } | null;
  readonly container: (name: string) => ContainerClient;
  readonly queue: (name: string) => QueueClient;
  readonly urlOf: (vault: string) => string;
  anotherHost(): Promise<LocalHost>;
  stop(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../..');
const everyAction = 'Microsoft.KeyVault/vaults/*';

/** A copy of what is deployed, so that somebody who builds meanwhile does not change what is measured. */
export async function copyApp(folder: string): Promise<string> {
  const app = path.join(folder, 'app');
  await mkdir(app, { recursive: true });
  for (const part of ['dist', 'host.json', 'package.json'])
    await cp(path.join(root, part), path.join(app, part), { recursive: true });
  return app;
}

export async function startBench(options: BenchOptions): Promise<Bench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'keyvault-bench-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const one of stops.toReversed()) await one().catch(() => undefined);
    stops.length = 0;
  };
  try {
    const shards = options.shards ?? 1;
    const [azurite, emulator, appDir] = await Promise.all([
      startAzurite(),
      startEmulator(options, folder),
      copyApp(folder),
    ]);
    stops.push(
      () => azurite.stop(),
      () => emulator.stop(),
    );
    trust(emulator.ca);
    const proxies = options.proxies ? await startProxies(azurite) : null;
    if (proxies) stops.push(() => Promise.all([proxies.blobs.stop(), proxies.queues.stop()]));
    const connectionString = connectionStringOf(azurite, proxies);
    await createStorage(connectionString, shards);
    const env = environmentOf(options, emulator, connectionString, path.join(folder, 'ca.pem'));
    await writeFile(path.join(folder, 'ca.pem'), emulator.ca);

    const lines = new Set<(line: HostLogLine) => void>();
    const oneHost = async () => {
      const log = (line: HostLogLine) => lines.forEach((hear) => hear(line));
      const host = await startHost({ appDir, timers: false, ...options.host, env, log });
      stops.push(() => host.killHost());
      return host;
    };
    const host = await oneHost();
    const blobs = BlobServiceClient.fromConnectionString(connectionString);
    const queues = QueueServiceClient.fromConnectionString(connectionString);
    return {
      ...watchRuns(`${host.url}/api`, (hear) => void lines.add(hear)),
      emulator,
      host,
      proxies,
      container: (name) => blobs.getContainerClient(name),
      queue: (name) => queues.getQueueClient(name),
      urlOf: (vault) => emulator.vaults.find(({ name }) => name === vault)?.url ?? '',
      anotherHost: oneHost,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startEmulator(options: BenchOptions, folder: string): Promise<EmulatorProcess> {
  const specs: VaultSpec[] = [...options.vaults, ...(options.targets ?? [])].map((name) => ({ name }));
  const grants = { '*': [everyAction] };
  const identities = ['app', 'operator', 'production'].map((name) => ({ name, clientId: name, grants }));
  const limits = options.limits ? { limits: options.limits } : {};
  return startEmulatorProcess({ vaults: specs, identities, latencyMs, throttling: true, ...limits }, folder);
}

function environmentOf(
  { vaults, targets = [], budget, shards = 1 }: BenchOptions,
  emulator: EmulatorProcess,
  connectionString: string,
  ca: string,
): Record<string, string> {
  const addressed = emulator.vaults.filter(({ name }) => vaults.includes(name));
  const plans = addressed.map((vault) => ({
    name: vault.name,
    schedule: '0 0 2 * * *',
    vaults: [vault],
    justification: 'a measurement of the service',
    requestsPer10Seconds: typeof budget === 'number' ? budget : budget[vault.name],
    keyRequestsPer10Seconds: 1000,
  }));
  // One plan for all where that is enough: with a process per function, each plan's timer is one more process.
  const [first] = plans;
  const all = typeof budget === 'number' ? [{ ...first, name: 'bench', vaults: addressed }] : plans;
  const restore = {
    [vaults[0] ?? '']: emulator.vaults
      .filter(({ name }) => targets.includes(name))
      .map((target) => ({ ...target, requestsPer10Seconds: 4000 })),
  };
  return {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsStorage: connectionString,
    BackupStorage: connectionString,
    BACKUP_PLANS: JSON.stringify(all),
    BACKUP_SHARDS: String(shards),
    API_AUTH: 'key',
    ...(targets.length > 0 ? { RESTORE_TARGETS: JSON.stringify(restore) } : { APP_ROLE: 'backup' }),
    IDENTITY_ENDPOINT: emulator.identityEndpoint,
    IDENTITY_HEADER: emulator.identityHeader,
    NODE_EXTRA_CA_CERTS: ca,
  };
}

async function startProxies(azurite: Azurite) {
  const target = (url: string) => new URL(url).origin;
  const blobs = await startStorageProxy({ kind: 'blob', target: target(azurite.blobUrl) });
  const queues = await startStorageProxy({ kind: 'queue', target: target(azurite.queueUrl) });
  return { blobs, queues };
}

function connectionStringOf(azurite: Azurite, proxies: Bench['proxies']): string {
  const { accountName, accountKey } = azurite;
  const blob = proxies ? `${proxies.blobs.url}/${accountName}` : azurite.blobUrl;
  const queue = proxies ? `${proxies.queues.url}/${accountName}` : azurite.queueUrl;
  const account = `AccountName=${accountName};AccountKey=${accountKey}`;
  return `DefaultEndpointsProtocol=http;${account};BlobEndpoint=${blob};QueueEndpoint=${queue}`;
}

async function createStorage(connectionString: string, shards: number): Promise<void> {
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  const queues = QueueServiceClient.fromConnectionString(connectionString);
  const names = [
    ...Array.from({ length: shards }, (_, shard) => `backup-jobs-${shard}`),
    'restore-jobs',
    'verify-jobs',
    'floor',
  ];
  await Promise.all([
    ...['backups', 'audit', 'safety', 'state', 'floor'].map((name) =>
      blobs.getContainerClient(name).create(),
    ),
    ...names.flatMap((name) => [name, `${name}-poison`]).map((name) => queues.getQueueClient(name).create()),
  ]);
}
