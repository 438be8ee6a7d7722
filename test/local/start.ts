/**
 * `npm start`: the local stack with the backup app and the restore app, kept running, rebuilt and restarted when a
 * source file changes. `npm start --silent -- --json` prints one JSON line when ready, for programs that drive it;
 * `-- --inspect` lets a debugger attach.
 * Ctrl-C or SIGTERM ends everything.
 */
import { parseArgs } from 'node:util';
import { buildApp, watchApp } from '../../scripts/build.mjs';
import { vaultAssignments } from './assignments.ts';
import {
  localIdentities,
  localPlans,
  localTargets,
  localVaults,
  planName,
  sourceVault,
  targetVault,
} from './demoStack.ts';
import { seedLightly } from './seedMix.ts';
import { type Stack, startStack } from './stack.ts';
import {
  allInOneEnvironment,
  bundledHosts,
  coreToolsHost,
  findFunc,
  printLog,
  type RunningHost,
} from './startHosts.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, inspect: { type: 'boolean', default: false } },
});

/** With --inspect a debugger may attach to the worker of the backup app at the first port, of the restore app at the second. */
const [backupEnv, restoreEnv] = [9229, 9230].map(
  (port): Record<string, string> =>
    values.inspect ? { languageWorkers__node__arguments: `--inspect=127.0.0.1:${port}` } : {},
);

/** Listening from the start: a signal while things start ends them once they have. */
const askedToStop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
});

async function startHost(stack: Stack, func: string | undefined): Promise<RunningHost> {
  if (func === undefined) return bundledHosts(stack, restoreEnv ?? {});
  await stack.host.stop(); // the stack comes with the bundled one
  const { vaults, control } = stack.emulator;
  const { backup, restore } = vaultAssignments(localPlans(vaults), localTargets(vaults));
  control.setGrants('backup', { ...backup, ...restore });
  return coreToolsHost(func, allInOneEnvironment(stack));
}

function readyLine({ emulator, connectionString, env }: Stack, { url, restoreUrl }: RunningHost): string {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER, NODE_EXTRA_CA_CERTS } = env;
  return JSON.stringify({
    api: `${url}/api`,
    restoreApi: `${restoreUrl}/api`,
    admin: url,
    vaults: emulator.vaults,
    storage: { connectionString },
    emulator: { url: emulator.adminUrl },
    env: { IDENTITY_ENDPOINT, IDENTITY_HEADER, NODE_EXTRA_CA_CERTS },
  });
}

function readyBlock(
  { emulator, connectionString, env }: Stack,
  { url, restoreUrl, name }: RunningHost,
): string {
  const width = Math.max(...emulator.vaults.map((vault) => vault.name.length));
  const vaults = emulator.vaults.map((vault): [string, string] => [
    'vault',
    `${vault.name.padEnd(width)}  ${vault.url}${vault.name === sourceVault ? '' : '  (empty)'}`,
  ]);
  const client = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'NODE_EXTRA_CA_CERTS'];
  const rows: [string, string][] = [
    ['host', name],
    ['API', `${url}/api`],
    ['restores', `${restoreUrl}/api/restores  (${sourceVault} into ${targetVault})`],
    ['timer', `POST ${url}/admin/functions/runPlan-${planName} with the body {}`],
    ...vaults,
    ['emulator', `${emulator.adminUrl}  (counters, faults, objects)`],
    ['storage', connectionString],
    ...client.map((key): [string, string] => ['environment', `${key}=${env[key]}`]),
  ];
  const lines = rows.map(([label, value], index) => {
    const repeated = label === rows[index - 1]?.[0];
    return `  ${(repeated ? '' : label).padEnd(13)}${value}`;
  });
  return [
    '',
    'Ready. The app is rebuilt and restarted when a source file changes; Ctrl-C ends everything.',
    '',
    ...lines,
    '',
  ].join('\n');
}

/** Rebuilds come while a restart goes on: each waits its turn, and the last one wins. */
function restarter(host: RunningHost): { restart: () => void; settled: () => Promise<void> } {
  let turn = Promise.resolve();
  const restartNow = async () => {
    try {
      await host.restart();
      console.error('The app was rebuilt and runs again.');
    } catch (error) {
      console.error('The rebuilt app does not start; change it and it is tried again.', error);
    }
  };
  return {
    restart: () => {
      turn = turn.then(restartNow);
    },
    settled: () => turn,
  };
}

await buildApp();
const func = findFunc();
const stack = await startStack({
  vaults: localVaults,
  identities: localIdentities,
  plans: localPlans,
  env: backupEnv ?? {},
  restoreEnv: () => restoreEnv ?? {},
  // func runs both apps in one host.
  ...(func === undefined
    ? { restoreTargets: localTargets, host: { log: printLog } }
    : { host: { timers: false } }),
});
try {
  await seedLightly(stack.emulator.control, sourceVault);
  const host = await startHost(stack, func);
  const { restart, settled } = restarter(host);
  const stopWatching = await watchApp(restart);
  console.log(values.json ? readyLine(stack, host) : readyBlock(stack, host));
  await askedToStop;
  await stopWatching();
  await settled();
  await host.stop();
} finally {
  await stack.stop();
}
process.exit(0);
