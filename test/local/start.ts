/**
 * `npm start`: the local stack with the backup, the restore and the portable app, kept running, rebuilt and restarted when a
 * source file changes. `npm start --silent -- --json` prints one JSON line when ready, for programs that drive it;
 * `-- --inspect` lets a debugger attach.
 * Ctrl-C or SIGTERM ends everything.
 */
import { parseArgs } from 'node:util';
import { buildApp, watchApp } from '../../scripts/build.mjs';
import { type VaultGrants, vaultAssignments } from './assignments.ts';
import {
  abroadVault,
  localIdentities,
  localPlans,
  localTargets,
  localVaults,
  planName,
  recipientEnv,
  recoveryVault,
  seedRecipient,
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
  const { backup, restore, portable } = vaultAssignments(localPlans(vaults), localTargets(vaults), vaults);
  control.setGrants('backup', together([backup, restore, portable]));
  return coreToolsHost(func, allInOneEnvironment(stack));
}

/** One identity for all apps has the rights of each. */
function together(granted: readonly VaultGrants[]): VaultGrants {
  const all: VaultGrants = {};
  for (const grants of granted)
    for (const [vault, actions] of Object.entries(grants)) all[vault] = [...(all[vault] ?? []), ...actions];
  return all;
}

function readyLine(
  { emulator, connectionString, env }: Stack,
  { url, restoreUrl, portableUrl }: RunningHost,
): string {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER, NODE_EXTRA_CA_CERTS } = env;
  return JSON.stringify({
    api: `${url}/api`,
    restoreApi: `${restoreUrl}/api`,
    portableApi: `${portableUrl}/api`,
    admin: url,
    vaults: emulator.vaults,
    storage: { connectionString },
    emulator: { url: emulator.adminUrl },
    env: { IDENTITY_ENDPOINT, IDENTITY_HEADER, NODE_EXTRA_CA_CERTS },
  });
}

const about: Readonly<Record<string, string>> = {
  [sourceVault]: '',
  [recoveryVault]: '  (the key that portable copies are made for)',
  [abroadVault]: '  (empty, in another geography)',
};

function readyBlock(
  { emulator, connectionString, env }: Stack,
  { url, restoreUrl, portableUrl, name }: RunningHost,
): string {
  const width = Math.max(...emulator.vaults.map((vault) => vault.name.length));
  const vaults = emulator.vaults.map((vault): [string, string] => [
    'vault',
    `${vault.name.padEnd(width)}  ${vault.url}${about[vault.name] ?? '  (empty)'}`,
  ]);
  const client = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'NODE_EXTRA_CA_CERTS'];
  const rows: [string, string][] = [
    ['host', name],
    ['API', `${url}/api`],
    ['restores', `${restoreUrl}/api/restores  (${sourceVault} into ${targetVault})`],
    ['copies', `${portableUrl}/api/portable-copies  (of ${sourceVault}, by mode auto into ${abroadVault})`],
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
  restoreEnv: (vaults) => ({ ...restoreEnv, ...recipientEnv(vaults) }),
  // func runs all apps in one host.
  ...(func === undefined
    ? { restoreTargets: localTargets, portable: true, host: { log: printLog } }
    : { host: { timers: false } }),
});
try {
  await seedRecipient(stack.emulator.control);
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
