/** Figure 10: from the start of a worker process until its functions are registered, bundled and not. */
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Figure, repeat } from '../rows.ts';
import { copyApp } from '../stack.ts';

const root = path.resolve(import.meta.dirname, '../..', '..');
const worker = path.join(root, 'test/host/worker.ts');
const storage = 'UseDevelopmentStorage=true';
const plan = {
  name: 'bench',
  schedule: '0 0 2 * * *',
  vaults: ['some-vault'],
  justification: 'a measurement of the service',
};
const env = {
  PATH: process.env['PATH'] ?? '',
  AzureWebJobsStorage: storage,
  BackupStorage: storage,
  BACKUP_PLANS: JSON.stringify([plan]),
  API_AUTH: 'key',
  HOST_CLOCK_OFFSET_MS: '0',
};

export const startup: Figure = {
  number: 10,
  title: 'Process start to functions registered',
  async measure({ quick }) {
    const folder = await mkdtemp(path.join(tmpdir(), 'keyvault-bench-'));
    try {
      const bundled = await copyApp(folder);
      const unbundled = await appOfSources(folder);
      await registered(bundled);
      await registered(unbundled); // Warm file caches for both.
      const pairs = await repeat(quick ? 3 : 10, async () => ({
        bundle: await registered(bundled),
        sources: await registered(unbundled),
      }));
      const { size } = await stat(path.join(bundled, 'dist/main.cjs'));
      const ms = (pick: (pair: (typeof pairs)[number]) => number) =>
        pairs.map((pair) => pick(pair).toFixed(0)).join(', ');
      return [
        {
          name: 'start-up, bundle ÷ unbundled',
          target: '≤ 0.5',
          values: pairs.map(({ bundle, sources }) => bundle / sources),
          digits: 2,
          most: 0.5,
          note: `bundle ${ms(({ bundle }) => bundle)} ms; unbundled ${ms(({ sources }) => sources)} ms, process start included`,
        },
        {
          name: 'start-up, bundle',
          target: 'report',
          values: pairs.map(({ bundle }) => bundle),
          digits: 0,
          unit: 'ms',
        },
        { name: 'bundle size', target: 'report', values: [size / 2 ** 20], digits: 2, unit: 'MiB' },
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** The same app from its sources, with Node's type stripping, and its packages from node_modules. */
async function appOfSources(folder: string): Promise<string> {
  const app = path.join(folder, 'sources');
  await mkdir(app);
  await writeFile(path.join(app, 'package.json'), JSON.stringify({ main: 'main.mjs', type: 'module' }));
  const main = pathToFileURL(path.join(root, 'functions/main.ts')).href;
  await writeFile(path.join(app, 'main.mjs'), `import ${JSON.stringify(main)};\n`);
  return app;
}

/** Milliseconds; the process is ended afterwards. */
function registered(appDir: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const child = fork(worker, [], {
      cwd: appDir,
      env,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
    });
    child.on('message', (message: { type: string; message?: string }) => {
      if (message.type === 'loaded') resolve(performance.now() - from);
      else if (message.type === 'loadFailed') reject(new Error(message.message));
      else return;
      child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.send({ type: 'load', appDir });
  });
}
