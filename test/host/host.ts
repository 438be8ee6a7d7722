/**
 * A local Azure Functions host for Node apps: what Azure Functions Core Tools do, where those are missing. It runs the
 * real `@azure/functions` library in worker processes of its own, against real queues (Azurite). This file starts the
 * parts in order and ends them; README.md says what is copied and what is not.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { createExecutor } from './executor.ts';
import { type AppFunction, readFunction } from './functionCatalog.ts';
import { functionInfo } from './functionInfo.ts';
import { type HostConfig, readHostConfig } from './hostJson.ts';
import { createHostLog } from './hostLog.ts';
import type { HostOptions, LocalHost } from './hostTypes.ts';
import { close, createHttpServer, listen } from './httpServer.ts';
import { createInFlight } from './inFlight.ts';
import { createListeners } from './listeners.ts';
import { runManually } from './manualRun.ts';
import { createQueueClients } from './queueClients.ts';
import { getSetting, readSettings, type Settings, workerEnvironment } from './settings.ts';
import { createTimerStatusStore } from './timerStatus.ts';
import { WorkerPool } from './workerPool.ts';

export type { HostLogLine } from './hostLog.ts';
export type { HostOptions, HttpAnswer, LocalHost } from './hostTypes.ts';

const AZURE_LEASE_SECONDS = 600;
const STOP_GRACE_MS = 5_000;

export async function startHost(options: HostOptions): Promise<LocalHost> {
  const appDir = path.resolve(options.appDir);
  const settings = readSettings(options.env, options.localSettingsFile);
  const config = readConfig(appDir, settings, options);
  const keys = options.enableAuth === true ? options.keys : undefined;
  if (options.enableAuth === true && keys === undefined) throw new Error('enableAuth needs keys.');
  const hostId = options.hostId ?? defaultHostId(appDir);
  const { lines, log } = createHostLog(options.log);
  const env = workerEnvironment(settings);
  const clockOffsetMs = options.clockOffsetMs ?? 0;
  const pool = await WorkerPool.start({ appDir, env, clockOffsetMs, log }, options.processes ?? 'one');

  try {
    const functions = readFunctions(pool, settings);
    const inFlight = createInFlight();
    const death = new AbortController();
    const queues = createQueueClients();
    const store = createTimerStatusStore(getSetting(settings, 'AzureWebJobsStorage'), hostId);
    const execute = createExecutor({
      pool,
      config,
      queues,
      log,
      dead: death.signal,
      messageAdded: (queueUrl) => listeners.wake(queueUrl),
    });
    const listeners = createListeners({
      functions,
      config,
      leaseSeconds: options.queueLeaseSeconds ?? AZURE_LEASE_SECONDS,
      timers: options.timers ?? true,
      queues,
      store,
      execute,
      inFlight,
      log,
      dead: death.signal,
    });
    const run = (fn: AppFunction, input: string | undefined) =>
      inFlight.track(runManually(fn, input, execute, store));
    const { routePrefix } = config;
    let url = '';
    const server = createHttpServer({
      hostId,
      baseUrl: () => url,
      routePrefix,
      functions,
      run,
      log,
      execute,
      inFlight,
      keys,
      onHttpAnswer: options.onHttpAnswer,
    });
    url = await listen(server, options.port ?? 0);
    listeners.start();
    let stopping: Promise<void> | undefined;

    async function end(graceMs: number): Promise<void> {
      if (graceMs > 0) {
        const listenersDone = listeners.stop();
        await within(graceMs, Promise.all([listenersDone, inFlight.idle()]));
      }
      // From here on nothing is written: what still runs is lost as in a crash, and its messages come back later.
      const polite = inFlight.count() === 0 && graceMs > 0;
      death.abort();
      await Promise.all([pool.stop(polite ? 'terminate' : 'kill'), close(server), listeners.stop()]);
    }

    return {
      url,
      functions: functions.map((fn) => functionInfo(fn, url, routePrefix)),
      logs: lines,
      invoke: async (name, input) => {
        const fn = functions.find((candidate) => candidate.name === name);
        if (fn === undefined) throw new Error(`Function "${name}" does not exist.`);
        await run(fn, input);
      },
      inFlight: inFlight.count,
      killWorker: (signal = 'SIGKILL', { restart = true } = {}) => pool.kill(signal, restart),
      killHost: () => (stopping ??= end(0)),
      setClockOffset: (ms) => pool.setClockOffset(ms),
      idle: inFlight.idle,
      workerPids: () => pool.pids(),
      stop: () => (stopping ??= end(STOP_GRACE_MS)),
    };
  } catch (error) {
    await pool.stop('kill');
    throw error;
  }
}

function readConfig(appDir: string, settings: Settings, options: HostOptions): HostConfig {
  const config = readHostConfig(appDir, settings);
  const maxPollingIntervalMs = options.maxPollingIntervalMs ?? config.queues.maxPollingIntervalMs;
  return { ...config, queues: { ...config.queues, maxPollingIntervalMs } };
}

function readFunctions(pool: WorkerPool, settings: Settings): AppFunction[] {
  if (pool.capabilities['HttpUri'] !== undefined) {
    throw new Error(
      'The app sets enableHttpStream: this host serves HTTP in RPC mode only. Remove it from app.setup().',
    );
  }
  return pool.functions.map((metadata) => readFunction(metadata, settings));
}

/** As locally on Azure: machine name and a hash of the path, so that two apps do not share timers. */
function defaultHostId(appDir: string): string {
  const machine = hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 20);
  return `${machine}-${createHash('sha256').update(appDir).digest('hex').slice(0, 10)}`;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
