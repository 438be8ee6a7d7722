/**
 * The hosts that `npm start` knows: Azure Functions Core Tools where `func` is on PATH, which then runs all apps in one
 * host; otherwise the bundled one, once per app, as in production. Each stays on its port, so that a rebuild does not
 * change any address.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostLogLine, LocalHost } from '../host/host.ts';
import { localTargets, recipientEnv } from './demoStack.ts';
import type { Stack } from './stack.ts';

export interface RunningHost {
  readonly url: string;
  /** Where restores are asked for. */
  readonly restoreUrl: string;
  /** Where portable copies are asked for. */
  readonly portableUrl: string;
  /** What runs the app, in words. */
  readonly name: string;
  /** With the app as it is built now. Rejects if it does not start; then it can be tried again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const readyWithinMs = 120_000;
const appDir = path.resolve(import.meta.dirname, '../..');

/** Everything but the ready message goes to standard error, because `--json` owns standard output. */
export function printLog({ level, message, functionName }: HostLogLine): void {
  if (level === 'trace' || level === 'debug') return;
  console.error([level, functionName, message].filter(Boolean).join('  '));
}

/** The hosts that the stack started: the backup app, the restore app and the portable app. */
export function bundledHosts(stack: Stack, restoreEnv: Record<string, string>): RunningHost {
  if (stack.restoreHost === null || stack.portableHost === null)
    throw new Error('the stack was started without a restore app or a portable app');
  const backup = onOnePort(stack, stack.host, {});
  const restore = onOnePort(stack, stack.restoreHost, { ...stack.restoreEnv, ...restoreEnv });
  const portable = onOnePort(stack, stack.portableHost, stack.portableEnv);
  const apps = [backup, restore, portable];
  const stop = async () => void (await Promise.all(apps.map((app) => app.stop())));
  return {
    url: backup.url,
    restoreUrl: restore.url,
    portableUrl: portable.url,
    name: 'the bundled local host, one per app (no Azure Functions Core Tools on PATH)',
    restart: async () => {
      await stop();
      await Promise.all(apps.map((app) => app.start()));
    },
    stop,
  };
}

function onOnePort(stack: Stack, first: LocalHost, env: Record<string, string>) {
  let host = first;
  const { url } = host;
  const port = Number(new URL(url).port);
  return {
    url,
    stop: () => host.stop(),
    start: async () => {
      host = await stack.startHost({ port, log: printLog, env });
    },
  };
}

const targetsOf = ({ emulator }: Stack): string => JSON.stringify(localTargets(emulator.vaults));

/** One host has one identity, which then needs the rights of all apps. */
export const allInOneEnvironment = (stack: Stack): Record<string, string> => ({
  ...stack.env,
  APP_ROLE: 'all',
  BackupStorage: stack.backupStorageFor('all'),
  RESTORE_TARGETS: targetsOf(stack),
  ...recipientEnv(stack.emulator.vaults),
});

/** The program itself: on Windows npm installs a batch file, which would need a shell, with the program beside it. */
export function findFunc(searched = process.env['PATH'] ?? ''): string | undefined {
  const names =
    process.platform === 'win32'
      ? ['func.exe', 'node_modules/azure-functions-core-tools/bin/func.exe']
      : ['func'];
  return searched
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));
}

/** `func start` with the stack's settings as its environment, which wins over a local.settings.json. */
export async function coreToolsHost(func: string, env: Record<string, string>): Promise<RunningHost> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = () => {
    const child = spawn(func, ['start', '--port', String(port)], {
      cwd: appDir,
      env: { ...process.env, ...env },
      stdio: ['ignore', 2, 2],
    });
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`));
    });
    return { child, ended };
  };
  let running = start();
  const stop = async () => {
    running.child.kill('SIGINT');
    await running.ended;
  };
  const ready = async () => {
    const failed = running.ended.then((why) => Promise.reject(new Error(`func start: ${why}`)));
    await Promise.race([failed, answering(url)]);
  };
  const restart = async () => {
    await stop();
    running = start();
    await ready();
  };
  try {
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    restoreUrl: url,
    portableUrl: url,
    name: `Azure Functions Core Tools (${func}), one for all apps: APP_ROLE=all`,
    restart,
    stop,
  };
}

async function answering(url: string): Promise<void> {
  for (const until = Date.now() + readyWithinMs; Date.now() < until; await sleep(500)) {
    const response = await fetch(`${url}/admin/host/status`).catch(() => undefined);
    const status = response?.ok ? ((await response.json()) as { state?: string }) : {};
    if (status.state === 'Running') return;
  }
  throw new Error(`func start: no answer at ${url} within ${readyWithinMs / 1000} s`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port could be taken');
  return address.port;
}
