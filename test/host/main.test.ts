/** The command line: what it prints, how it ends, and that no worker outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { removeApps, writeApp } from './tempApp.ts';
import { eventually } from './testTools.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const APP = `
const { app } = require('@azure/functions');
app.http('who', { handler: () => ({ jsonBody: { pid: process.pid, a: process.env.A, b: process.env.B } }) });
`;
const SETTINGS = JSON.stringify({ Values: { A: 'file', B: 'file' } });

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
  removeApps();
});

interface Run {
  process: ChildProcess;
  output(): string;
  exitCode: Promise<number | null>;
}

function runMain(files: Record<string, string>): Run {
  const args = ['--disable-warning=ExperimentalWarning', MAIN, '--app', writeApp(files), '--port', '0'];
  const started = spawn(process.execPath, args, { env: { ...process.env, B: 'shell' } });
  child = started;
  let output = '';
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exitCode = new Promise<number | null>((resolve) => started.once('exit', resolve));
  return { process: started, output: () => output, exitCode };
}

async function readyUrl(run: Run): Promise<string> {
  return eventually('the ready line', () => /ready on (http:\/\/\S+)/.exec(run.output())?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('serves the app with its local settings under those of the shell, and ends on Ctrl-C', async () => {
  const run = runMain({ 'app.cjs': APP, 'local.settings.json': SETTINGS });
  const url = await readyUrl(run);
  expect(run.output()).toContain(`who: ${url}/api/who GET,POST`);
  expect(await (await fetch(`${url}/api/who`)).json()).toMatchObject({ a: 'file', b: 'shell' });
  run.process.kill('SIGINT');
  expect(await run.exitCode).toBe(0);
});

test('takes its worker with it when it is killed', async () => {
  const run = runMain({ 'app.cjs': APP });
  const { pid } = (await (await fetch(`${await readyUrl(run)}/api/who`)).json()) as { pid: number };
  expect(isAlive(pid)).toBe(true);
  run.process.kill('SIGKILL');
  await eventually('the end of the worker', () => !isAlive(pid));
});

test('says why it cannot start, and fails', async () => {
  const run = runMain({ 'app.cjs': 'throw new Error("no luck")' });
  expect(await run.exitCode).toBe(1);
  expect(run.output()).toContain('The host could not start');
  expect(run.output()).toContain('no luck');
});
