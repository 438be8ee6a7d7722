/**
 * `npm run demo`: one backup run from timer to sealed recovery point, then a bad day and the restore after it, on this
 * machine alone, with every promise checked. Exit code 0 only if all of it held.
 */
import { buildApp } from '../../scripts/build.mjs';
import { type Census, censusOf, checkAccounting, checkFiles } from './demoAccount.ts';
import { checkSame } from './demoCompare.ts';
import { type Destruction, destroy } from './demoDestroy.ts';
import { drill } from './demoDrill.ts';
import { DemoFailure, demand, objectsOf } from './demoHttp.ts';
import { checkImmutable } from './demoImmutable.ts';
import { copiesText, goAbroad, makeCopies } from './demoPortable.ts';
import { checkAudit, dryRun, restoreAll, restoreApi } from './demoRecover.ts';
import { checkRestore } from './demoRestore.ts';
import { followRun, startRun } from './demoRun.ts';
import {
  abroadVault,
  planName,
  recoveryVault,
  scratchVault,
  seedRecipient,
  sourceVault,
  startDemoStack,
  targetVault,
} from './demoStack.ts';
import { factLines, objectTable, planTable } from './demoTable.ts';
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
  await seedRecipient(stack.emulator.control);
  await seedMix(stack.emulator.control, sourceVault);
  return censusOf(stack);
}

async function start(): Promise<Stack> {
  await buildApp();
  return startDemoStack();
}

/** The whole run and its table; returns when it began, and the file that the later steps try their hands on. */
async function backUp(stack: Stack): Promise<{ blob: string; runId: string; startedAt: string }> {
  const describe = ({ listed, managed }: Census) =>
    `${sourceVault}: ${listed} objects, ${managed} of them owned by certificates`;
  const census = await timed('vault', seeded(stack), describe);
  stack.emulator.control.resetCounters();
  const from = performance.now();
  const runId = await timed('timer', startRun(stack), (id) => `runPlan-${planName} began run ${id}`);
  const point = await followRun(stack, runId, label('backup'));
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
  return { blob, runId, startedAt: point.startedAt };
}

async function demo(stack: Stack): Promise<void> {
  const { blob, runId, startedAt } = await backUp(stack);
  const moment = new Date();
  say(`\nOne stored file, tried with every right there is:\n  backups/${blob}\n`);
  ok(await checkImmutable(stack, blob));
  say(`\nThe same file restored into ${targetVault}, as \`az keyvault secret restore --file\` does it:\n`);
  ok(await checkRestore(stack, shownSecret, blob));

  say(
    `\nOut of the geography, into ${abroadVault}: copies for the key of ${recoveryVault}, by an app of its own:\n`,
  );
  const copies = await timed('copies', makeCopies(stack, runId), copiesText);
  say();
  ok(await goAbroad(stack, copies));

  say(`\nThen a bad day: somebody with all rights destroys things in ${sourceVault}:\n`);
  const destruction = await destroy(stack);
  for (const line of destruction.lines) say(line);
  await bringBack(stack, { moment, startedAt, destruction });

  say(`\nAnd so that nobody has to hope: a restore drill into the scratch vault ${scratchVault}:\n`);
  for (const line of await drill(stack)) say(line);
}

/** The state of `moment` into the secondary vault: planned, restored, compared. */
async function bringBack(
  stack: Stack,
  { moment, startedAt, destruction }: { moment: Date; startedAt: string; destruction: Destruction },
): Promise<void> {
  say(`\nWhat a restore into ${targetVault} would do (POST ${restoreApi(stack)}/restores, dryRun):\n`);
  for (const line of planTable(await dryRun(stack, moment))) say(line);
  say('\n  A certificate brings its key and secret, so that this is all the source held.');

  say(`\nThe same without dryRun: everything in ${sourceVault} as it was at ${moment.toISOString()}.\n`);
  const from = performance.now();
  const restore = await restoreAll(stack, moment, label('restore'));
  const rto = (performance.now() - from) / 1000;
  const age = (destruction.at.getTime() - Date.parse(startedAt)) / 1000;
  say();
  ok(checkSame(destruction.before, stack.emulator.control.objects(targetVault)));
  ok([await checkAudit(stack, restore)]);
  say();
  for (const line of [
    `  RTO           ${rto.toFixed(1)} s from the request to the last object restored and verified`,
    `  RPO           ${age.toFixed(0)} s at most: that old was the data of the backup when the destruction began`,
    `  requests      ${restore.requests.vault} to ${targetVault}, ${restore.requests.throttled} of them answered 429`,
    `  audit record  audit/restores/${restore.id}/{started,ended}.json`,
  ])
    say(line);
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
    'A backup of one vault, a bad day and the restore after it, on this machine alone: a Key Vault emulator,',
  );
  say(
    'Azurite with immutable containers, and the backup, the restore and the portable app in functions hosts.\n',
  );
  stack = await timed(
    'stack',
    start(),
    (started) => `API at ${started.api}, restores at ${restoreApi(started)}`,
  );
  await demo(stack);
  say(`\nAll of it held. ${((performance.now() - from) / 1000).toFixed(0)} s in all.`);
} catch (error) {
  process.exitCode = 1;
  if (error instanceof DemoFailure) console.error(`\nFAILED  ${error.message}`);
  else console.error('\nFAILED ', error);
  if (stack)
    for (const { level, message } of [stack.host, stack.restoreHost, stack.portableHost].flatMap(
      (host) => host?.logs.slice(-200) ?? [],
    )) {
      if (level === 'warning' || level === 'error') console.error(`  host ${level}: ${message}`);
    }
} finally {
  await stop();
}
