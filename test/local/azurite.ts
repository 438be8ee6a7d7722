/**
 * Azurite for tests: blob and queue as two processes, on free ports, in memory unless a location is given.
 * Two processes, because one event loop serving both is the bottleneck of a run with many objects.
 * Invariant: no child outlives its parent, and nothing is written outside `location` and a temporary folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Azurite's published development account; no secret. */
export const ACCOUNT_NAME = 'devstoreaccount1';
export const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const START_TIMEOUT_MS = 30_000; // it takes 1 second on an idle machine
const STOP_TIMEOUT_MS = 5_000; // it takes 20 ms, unless a client holds a request open

export interface Azurite {
  accountName: string;
  accountKey: string;
  blobUrl: string;
  queueUrl: string;
  connectionString: string;
  stop(): Promise<void>;
}

export interface AzuriteOptions {
  /** A folder to keep data in over a stop and a start. Default: in memory. */
  location?: string;
  blobPort?: number;
  queuePort?: number;
}

interface Service {
  url: string;
  stop(): Promise<void>;
}

export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const folder = await mkdtemp(path.join(tmpdir(), 'azurite-'));
  const started = await Promise.allSettled([
    startService('blob', options.blobPort ?? 0, folder, options.location),
    startService('queue', options.queuePort ?? 0, folder, options.location),
  ]);
  const stop = async (): Promise<void> => {
    const services = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    await Promise.all(services.map((service) => service.stop()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const [blob, queue] = started;
  if (blob.status === 'rejected' || queue.status === 'rejected') {
    await stop();
    throw blob.status === 'rejected' ? blob.reason : (queue as PromiseRejectedResult).reason;
  }
  const blobUrl = `${blob.value.url}/${ACCOUNT_NAME}`;
  const queueUrl = `${queue.value.url}/${ACCOUNT_NAME}`;
  return {
    accountName: ACCOUNT_NAME,
    accountKey: ACCOUNT_KEY,
    blobUrl,
    queueUrl,
    connectionString: connectionString(blobUrl, queueUrl),
    stop,
  };
}

/** For clients that go through a proxy: the same account behind other addresses. */
export function connectionString(blobUrl: string, queueUrl: string): string {
  return `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT_NAME};AccountKey=${ACCOUNT_KEY};BlobEndpoint=${blobUrl};QueueEndpoint=${queueUrl};`;
}

async function startService(
  kind: 'blob' | 'queue',
  port: number,
  folder: string,
  location?: string,
): Promise<Service> {
  const script = createRequire(import.meta.url).resolve(`azurite/dist/src/${kind}/main.js`);
  const persistence =
    location === undefined ? ['--inMemoryPersistence'] : ['--location', path.resolve(location)];
  const preload = ['--import', new URL('./azuriteChild.ts', import.meta.url).href];
  const flags = [`--${kind}Port`, String(port), '--silent', '--disableTelemetry', '--skipApiVersionCheck'];
  const child = spawn(process.execPath, [...preload, script, ...flags, ...persistence], {
    cwd: folder,
    // Both variables would change what a test gets: other accounts, and a database for the metadata.
    env: { ...process.env, AZURITE_ACCOUNTS: undefined, AZURITE_DB: undefined },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const stop = (): Promise<void> => stopChild(child);
  try {
    const url = await listeningUrl(child, `Azurite ${kind} (port ${port === 0 ? 'free' : port})`);
    await fetch(`${url}/${ACCOUNT_NAME}?comp=list`); // any answer will do: 403 without a signature
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listeningUrl(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string): void => reject(new Error(`${name} ${why}. Its output:\n${output}`));
    const timer = setTimeout(() => fail(`did not start in ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-10_000);
      const url = /successfully listens on (http:\/\/\S+:\d+)\s/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(`could not be spawned: ${error.message}`));
    // 'close' and not 'exit': by then all of the output is here.
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      fail(`ended before it listened (${signal ?? `exit code ${code}`})`);
    });
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  if (child.connected) child.disconnect();
  await ended;
  clearTimeout(timer);
}
