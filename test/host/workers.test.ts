/** What ends a worker process and what then becomes of the work in it; several processes; the shifted clock. */
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../local/azurite.ts';
import type { HostOptions, LocalHost } from './host.ts';
import {
  countLines,
  eventually,
  logged,
  messageCount,
  peekBodies,
  queue,
  send,
  start,
  stopHosts,
} from './testTools.ts';

let azurite: Azurite;
let queueName = '';
let queues = 0;
beforeAll(async () => {
  azurite = await startAzurite();
});
beforeEach(() => {
  queueName = `work-${++queues}`;
});
afterEach(stopHosts);
afterAll(() => azurite.stop());

const work = () => queue(azurite.connectionString, queueName);
const poison = () => queue(azurite.connectionString, `${queueName}-poison`);
const started = (host: LocalHost) => countLines(host, "Executing 'Functions.work'");
const failed = (host: LocalHost) => countLines(host, "Executed 'Functions.work' (Failed");

function startMain(env: Record<string, string> = {}, options: Partial<HostOptions> = {}): Promise<LocalHost> {
  const storage = azurite.connectionString;
  return start('main', {
    env: {
      AzureWebJobsStorage: storage,
      Work: storage,
      WORK_QUEUE: queueName,
      NIGHTLY: '0 0 0 1 1 *',
      'AzureWebJobs.poisoned.Disabled': 'true',
      ...env,
    },
    ...options,
  });
}

/** What this process has forked as workers, whether a host still knows of it or not. */
function workersAlive(): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && /worker\.ts/.test(args.join(' ')))
    .map(([pid]) => Number(pid));
}

interface Now {
  now: number;
  date: number;
  pid: number;
  env: Record<string, string>;
}
async function now(host: LocalHost): Promise<Now> {
  return (await (await fetch(`${host.url}/api/now`)).json()) as Now;
}

test.each([
  ['an uncaught exception', 'crash', 'Worker uncaught exception: Error: asked to crash'],
  ['an unhandled rejection', 'reject', 'Worker unhandled rejection: Error: asked to reject'],
])('%s ends the worker, fails all in flight in it, and a new one starts', async (_, act, line) => {
  const host = await startMain();
  const [before] = host.workerPids();
  await send(work(), { do: { act: 'hang' }, bystander: true });
  await eventually('the bystander', () => started(host) === 1);
  await send(work(), { do: { act } });
  await eventually('two failures', () => failed(host) >= 2);
  expect(countLines(host, line)).toBeGreaterThan(0);
  // The messages were released at once (visibilityTimeout 0) and are tried again in a new process.
  await eventually(
    'the next attempts',
    () =>
      logged<{ metadata: { dequeueCount: number } }>(host, 'got').filter(
        ({ metadata }) => metadata.dequeueCount === 2,
      ).length > 0,
  );
  expect(host.workerPids()).not.toContain(before);
});

test('a function that runs out of time takes every other invocation with it', async () => {
  const host = await startMain({ AzureFunctionsJobHost__functionTimeout: '00:00:01' });
  const [before] = host.workerPids();
  const hanging = host.invoke('work', '{"do":{"act":"hang"}}').catch((error: Error) => error.name);
  await host.invoke('work', '{"do":{"act":"wait","ms":500}}'); // half a timeout between the two
  const slow = host.invoke('work', '{"do":{"act":"wait","ms":60000}}').catch((error: Error) => error.name);
  expect(await hanging).toBe('FunctionTimedOut');
  expect(await slow).toBe('WorkerExited');
  const timeouts = host.logs.filter(({ category }) => category === 'Host.Results');
  expect(timeouts.map(({ message }) => message)).toEqual([
    'Timeout value of 1 s was exceeded by function: Functions.work. The worker process restarts.',
  ]);
  await host.invoke('work', '{}');
  expect(host.workerPids()).not.toContain(before);
});

test('killWorker is a crash: the invocation fails at once, at the last attempt into the poison queue', async () => {
  const host = await startMain();
  await send(work(), { do: { act: 'hang' } });
  for (const attempt of [1, 2]) {
    await eventually('a run', () => logged(host, 'got').length === attempt);
    await host.killWorker();
    await eventually('its failure', () => failed(host) === attempt);
  }
  await eventually('the poison copy', async () => (await messageCount(poison())) === 1);
  expect(await messageCount(work())).toBe(0);
});

test('killWorker without restart leaves invocations waiting for the next worker', async () => {
  const host = await startMain();
  await host.killWorker('SIGTERM', { restart: false });
  expect(host.workerPids()).toEqual([]);
  const waiting = host.invoke('work', '{}');
  expect(host.inFlight()).toBe(1);
  await host.killWorker();
  await waiting;
  expect(host.workerPids()).toHaveLength(1);
});

test('a worker killed twice at once, or while the next one loads, leaves one process', async () => {
  const host = await startMain();
  const [before] = host.workerPids();
  await Promise.all([host.killWorker(), host.killWorker(), host.setClockOffset(1_000), host.killWorker()]);
  await host.invoke('work', '{}');
  const pids = host.workerPids();
  expect(pids).toHaveLength(1);
  expect(pids).not.toContain(before);
  expect(workersAlive()).toEqual(pids);
});

test('a worker killed while its host ends: both are over, and no process stays', async () => {
  const host = await startMain();
  await host.killWorker('SIGKILL', { restart: false });
  const waits = host.invoke('work', '{}').catch((error: Error) => error.name);
  const restarted = host.killWorker();
  await Promise.all([restarted, host.killHost(), host.killWorker(), host.setClockOffset(1_000)]);
  await Promise.all([waits, host.invoke('work', '{}').catch(() => {})]);
  await Promise.all([host.killWorker(), host.setClockOffset(1_000)]);
  expect(host.workerPids()).toEqual([]);
  expect(workersAlive()).toEqual([]);
});

test('a host whose worker was killed for good ends, with nobody to tell', async () => {
  const host = await startMain();
  await host.killWorker('SIGKILL', { restart: false });
  await host.killHost();
  expect(workersAlive()).toEqual([]);
});

test('perFunction gives queue and timer functions their own process, and HTTP functions one together', async () => {
  const host = await startMain({}, { processes: 'perFunction' });
  expect(new Set(host.workerPids()).size).toBe(4); // http, work, poisoned, nightly
  await host.invoke('work', '{}');
  await host.invoke('nightly');
  const pid = (name: string) =>
    host.logs.find((line) => line.functionName === name && line.worker !== undefined)?.worker;
  expect(pid('work')).not.toBe(pid('nightly'));
  expect((await now(host)).pid).not.toBe(pid('work'));
});

test('the clock of the worker can be shifted, and shifted again', async () => {
  const host = await startMain({}, { clockOffsetMs: 86_400_000 });
  const tomorrow = await now(host);
  expect(Math.abs(tomorrow.now - Date.now() - 86_400_000)).toBeLessThan(5_000);
  expect(Math.abs(tomorrow.date - tomorrow.now)).toBeLessThan(1_000);
  expect(tomorrow.env).not.toHaveProperty('HOST_CLOCK_OFFSET_MS');
  await host.setClockOffset(-3_600_000);
  const anHourAgo = await now(host);
  expect(Math.abs(anHourAgo.now - Date.now() + 3_600_000)).toBeLessThan(5_000);
  expect(anHourAgo.pid).not.toBe(tomorrow.pid);
});

test('setClockOffset lets what is running finish first', async () => {
  const host = await startMain();
  const running = host.invoke('work', '{"do":{"act":"wait","ms":300}}');
  await eventually('the run', () => logged(host, 'got').length === 1);
  await host.setClockOffset(1_000);
  await expect(running).resolves.toBeUndefined();
});

test('the environment of the worker is the app settings and nothing of ours', async () => {
  process.env['OURS_ALONE'] = 'secret';
  const host = await startMain();
  const { env } = await now(host);
  expect(env['WORK_QUEUE']).toBe(queueName);
  expect(env['PATH']).toBe(process.env['PATH']);
  expect(env).not.toHaveProperty('OURS_ALONE');
  delete process.env['OURS_ALONE'];
});

test('stop lets what is running finish and its message be deleted', async () => {
  const host = await startMain();
  await send(work(), { do: { act: 'wait', ms: 300 } });
  await eventually('the run', () => logged(host, 'got').length === 1);
  await host.stop();
  expect(await messageCount(work())).toBe(0);
  expect(countLines(host, "Executed 'Functions.work' (Succeeded")).toBe(1);
  await send(work(), { late: true });
  expect(await peekBodies(work())).toHaveLength(1);
  expect(
    await fetch(`${host.url}/admin/host/status`).then(
      () => 'up',
      () => 'down',
    ),
  ).toBe('down');
});

test('a worker takes the arguments that the host’s own setting names, so that a debugger can attach', async () => {
  const host = await startMain({ languageWorkers__node__arguments: '--inspect=127.0.0.1:0' });
  const said = () => countLines(host, 'Debugger listening on ws://127.0.0.1:');
  expect(await eventually('the inspector', () => said() > 0)).toBe(true);
});
