/**
 * The commands of the README and the documents, as a person runs them: by npm, in a process of their own. The others
 * run one after the other beside the demo, which mostly waits for the vaults' budgets.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = path.resolve(import.meta.dirname, '../..');
const { scripts } = packageJson;
/** Where Core Tools are installed npm start runs them; here the bundled host is meant. */
const pathWithoutFunc = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .filter((folder) => !existsSync(path.join(folder, 'func')) && !existsSync(path.join(folder, 'func.exe')))
  .join(path.delimiter);

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  /** Waits until its output has it. */
  readonly said: (pattern: RegExp) => Promise<string>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** The script that package.json has for this command line, started as npm starts it. */
function npmRun({ onTestFinished }: TestContext, name: keyof typeof scripts, ...args: string[]): Run {
  const [node, ...words] = scripts[name].split(' ');
  if (node !== 'node') throw new Error(`npm run ${name} does not begin with node`);
  const child = spawn(process.execPath, [...words, ...args], {
    cwd: root,
    env: { ...process.env, PATH: pathWithoutFunc },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGTERM'));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no reason'));
  });
  const said = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(text)?.[0];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', look);
      look();
      const tooEarly = () => reject(new Error(`npm run ${name} ended before it said ${pattern}:\n${text}`));
      ended.then(tooEarly, reject);
    });
  return { child, out: () => text, said, ended };
}

let former: Promise<unknown> = Promise.resolve();
/** Not two at a time besides the demo: a machine with two cores has enough to do. */
function inTurn(work: () => Promise<void>): Promise<void> {
  const mine = former.then(work, work);
  former = mine;
  return mine;
}

describe.concurrent('npm', () => {
  test('npm run demo: one backup, a bad day and the restore after it, and all of it held', {
    timeout: 300_000,
  }, async (context) => {
    const { out, ended } = npmRun(context, 'demo');
    expect([await ended, out()]).toEqual([0, expect.stringContaining('All of it held.')]);
    // What the README shows, but for the numbers.
    for (const line of [
      /^backup {4}98 of 98 {2}stored, sealed/m,
      /^Recovery point \S+ of contoso-payments: complete, immutability: policy$/m,
      /^ {2}ok {2}overwriting it is refused: 409 BlobImmutableDueToPolicy$/m,
      /^copies {4}77 objects copied; 18 never leave their vault, 3 disabled ones nobody can read/m,
      /^ {2}ok {2}77 objects came by their copies, values, private keys and attributes the same$/m,
      /^restore {3}98 of 98 {2}done, verified/m,
      /^ {2}ok {2}81 secrets with 134 versions {11}the same: versions, attributes, values$/m,
      /^ {2}RTO {11}[\d.]+ s from the request to the last object restored and verified$/m,
    ])
      expect(out()).toMatch(line);
  });

  test('npm start -- --json: one line when ready, and Ctrl-C ends everything', (context) =>
    inTurn(async () => {
      const { child, said, ended } = npmRun(context, 'start', '--json');
      const line = await said(/^\{"api":.*\}$/m);
      const { api, restoreApi, portableApi } = JSON.parse(line) as Record<string, string>;
      const health = await Promise.all([api, restoreApi, portableApi].map((base) => fetch(`${base}/health`)));
      expect(health.map(({ status }) => status)).toEqual([200, 200, 200]);
      child.kill('SIGINT');
      expect(await ended).toBe(0);
      await expect(fetch(`${api}/health`)).rejects.toThrow('fetch failed');
    }));

  test.for<[keyof typeof scripts, string[], RegExp]>([
    ['build', [], /^$/],
    ['package', [], /^dist.keyvault-backup\.zip: [\d,]+ bytes$/m],
    ['kvb', ['--version'], /^\d+\.\d+\.\d+\n$/],
    ['settings', ['--check'], /docs\/settings\.md is current/],
    ['bench', ['--quick', '--only', '3'], /vault calls per captured secret.* 1\.00 /],
  ])('npm run %s %j', ([name, args, said], context) =>
    inTurn(async () => {
      const { out, ended } = npmRun(context, name, ...args);
      expect([await ended, out()]).toEqual([0, expect.stringMatching(said)]);
    }),
  );
});
