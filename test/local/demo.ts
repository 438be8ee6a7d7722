/**
 * `npm run demo`: one backup run from timer to sealed recovery point, on this machine alone, with every promise checked.
 * Exit code 0 only if all of it held.
 */
import { buildApp } from '../../scripts/build.mjs';
import { type Census, censusOf, checkAccounting, checkFiles } from './demoAccount.ts';
import { DemoFailure, demand, objectsOf } from './demoHttp.ts';
import { checkImmutable } from './demoImmutable.ts';
import { checkRestore } from './demoRestore.ts';
import { followRun, startRun } from './demoRun.ts';
import { planName, sourceVault, startDemoStack, targetVault } from './demoStack.ts';
import { factLines, objectTable } from './demoTable.ts';
import { trafficOf } from './demoTraffic.ts';
import { seedMix, shownSecret } from './seedMix.ts';
import type { Stack } from './stack.ts';

const label = (text: string): string => text.padEnd(10);
const say = (text = ''): void => console.log(text);
const ok = (texts: readonly string[]): void => {
  for (const text of texts) say(`  ok  ${text}`);
};

async function timed<T>(name: string, work: Promise<T>, describe: (result: T) => string): Promise<T> {
  const from = performance.now();
  const result = await work;
  say(`${label(name)}${describe(result)}  (${((performance.now() - from) / 1000).toFixed(1)} s)`);
  return result;
}

async function seeded(stack: Stack) {
  await seedMix(stack.emulator.control, sourceVault);
  return censusOf(stack);
}

async function start(): Promise<Stack> {
  await buildApp();
  return startDemoStack();
}

/** The whole run and its table; returns the file that the later steps try their hands on. */
async function backUp(stack: Stack): Promise<string> {
  const describe = ({ listed, managed }: Census) =>
    `${sourceVault}: ${listed} objects, ${managed} of them owned by certificates`;
  const census = await timed('vault', seeded(stack), describe);
  stack.emulator.control.resetCounters();
  const from = performance.now();
  const runId = await timed('timer', startRun(stack), (id) => `runPlan-${planName} began run ${id}`);
  const expected = census.listed - census.managed;
  const point = await followRun(stack, runId, { label: label('backup'), expected });
  const seconds = (performance.now() - from) / 1000;
  const [lines, traffic] = [await objectsOf(stack.api, sourceVault, runId), trafficOf(stack)];

  say(`\nRecovery point ${runId} of ${sourceVault}: ${point.status}, immutability: ${point.immutability}\n`);
  for (const line of objectTable(lines)) say(line);
  say();
  for (const line of factLines({ point, lines, traffic, seconds })) say(line);
  say();
  ok(checkAccounting(point, census, lines, traffic));
  ok([await checkFiles(stack, lines, point)]);

  const blob = lines.find(({ kind, name }) => kind === 'secret' && name === shownSecret)?.blob;
  demand(typeof blob === 'string', `the recovery point names no file for ${shownSecret}`);
  return blob;
}

async function demo(stack: Stack): Promise<void> {
  const blob = await backUp(stack);
  say(`\nOne stored file, tried with every right there is:\n  backups/${blob}\n`);
  ok(await checkImmutable(stack, blob));
  say(`\nThe same file restored into ${targetVault}, as \`az keyvault secret restore --file\` does it:\n`);
  ok(await checkRestore(stack, shownSecret, blob));
}

const from = performance.now();
let stack: Stack | undefined;
const stop = async (): Promise<void> => {
  await stack?.stop();
  stack = undefined;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stop().finally(() => process.exit(1)));
}

try {
  say(
    'A backup of one vault, on this machine alone: a Key Vault emulator, Azurite with immutable containers,',
  );
  say('and the app in a functions host.\n');
  stack = await timed('stack', start(), ({ api }) => `API at ${api}`);
  await demo(stack);
  say(`\nAll of it held. ${((performance.now() - from) / 1000).toFixed(0)} s in all.`);
} catch (error) {
  process.exitCode = 1;
  if (error instanceof DemoFailure) console.error(`\nFAILED  ${error.message}`);
  else console.error('\nFAILED ', error);
  if (stack)
    for (const { level, message } of stack.host.logs.slice(-200)) {
      if (level === 'warning' || level === 'error') console.error(`  host ${level}: ${message}`);
    }
} finally {
  await stop();
}
