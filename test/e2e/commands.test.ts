/** The commands of the README and the documents, as a person runs them: by npm, in a process of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { waitFor } from './harness.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { scripts } = packageJson;
/** Where Core Tools are installed npm start runs them; here the bundled host is meant. */
const pathWithoutFunc = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .filter((folder) => !existsSync(path.join(folder, 'func')) && !existsSync(path.join(folder, 'func.exe')))
  .join(path.delimiter);
const running = new Set<ChildProcess>();

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** The script that package.json has for this command line, started as npm starts it. */
function npmRun(name: keyof typeof scripts, ...args: string[]): Run {
  const [node, ...words] = scripts[name].split(' ');
  expect(node).toBe('node');
  const child = spawn(process.execPath, [...words, ...args], {
    cwd: root,
    env: { ...process.env, PATH: pathWithoutFunc },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? 'no reason');
    });
  });
  return { child, out: () => text, ended };
}

afterEach(() => {
  for (const child of running) child.kill('SIGTERM');
});

test('npm run demo: one backup, a bad day and the restore after it, and all of it held', async () => {
  const { out, ended } = npmRun('demo');
  expect([await ended, out()]).toEqual([0, expect.stringContaining('All of it held.')]);
  // What the README shows, but for the numbers.
  for (const line of [
    /^backup {4}98 of 98 {2}stored, sealed/m,
    /^Recovery point \S+ of contoso-payments: complete, immutability: policy$/m,
    /^ {2}ok {2}overwriting it is refused: 409 BlobImmutableDueToPolicy$/m,
    /^restore {3}98 of 98 {2}done, verified/m,
    /^ {2}ok {2}81 secrets with 134 versions {11}the same: versions, attributes, values$/m,
    /^ {2}RTO {11}[\d.]+ s from the request to the last object restored and verified$/m,
  ])
    expect(out()).toMatch(line);
});

test('npm start -- --json: one line when ready, and Ctrl-C ends everything', async () => {
  const { child, out, ended } = npmRun('start', '--json');
  const line = await waitFor(async () => /^\{"api":.*\}$/m.exec(out())?.[0]);
  const { api, restoreApi } = JSON.parse(line) as { api: string; restoreApi: string };
  const health = await Promise.all([api, restoreApi].map((base) => fetch(`${base}/health`)));
  expect(health.map(({ status }) => status)).toEqual([200, 200]);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await expect(fetch(`${api}/health`)).rejects.toThrow('fetch failed');
});

test.each<[keyof typeof scripts, string[], RegExp]>([
  ['build', [], /^$/],
  ['package', [], /^dist.keyvault-backup\.zip: [\d,]+ bytes$/m],
  ['kvb', ['--version'], /^\d+\.\d+\.\d+\n$/],
  ['settings', ['--check'], /docs\/settings\.md is current/],
  ['bench', ['--quick', '--only', '3'], /vault calls per captured secret.* 1\.00 /],
])('npm run %s %j', async (name, args, said) => {
  const { out, ended } = npmRun(name, ...args);
  expect([await ended, out()]).toEqual([0, expect.stringMatching(said)]);
});
