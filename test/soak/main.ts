/**
 * `npm run soak -- --minutes 30`: cycles of backup and restore under random faults, and what the workers gather meanwhile.
 * `--seed 7` repeats the choices of a run that printed this seed. Exits with 1 where an invariant broke.
 */
import { randomInt } from 'node:crypto';
import { buildApp } from '../../scripts/build.mjs';
import { problemsOf } from '../e2e/reader.ts';
import { activeRunOf } from '../e2e/runState.ts';
import { type FaultStack, startFaultStack } from '../faults/faultStack.ts';
import { cycle, type Lane, prepare, type Tally } from './lane.ts';
import { growthIn, messagesIn, type Sample, sample, sum } from './measure.ts';
import { randomFrom } from './random.ts';

const numberOf = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? otherwise : Number(process.argv[at + 1]);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name}: write a number above 0`);
  return value;
};

const lanesAtOnce = 4;
const sampleEveryMs = 15_000;
/** Longer than a run's deadline, when its last message comes due. */
const messagesSettleMs = 75_000;

const minutes = numberOf('minutes', 30);
const seed = numberOf('seed', randomInt(1, 2 ** 31));
console.log(`${minutes} minutes, --seed ${seed}`);

await buildApp();
const lanes: Lane[] = Array.from({ length: lanesAtOnce }, (_, number) => ({
  source: `soaked-${number}`,
  target: `target-${number}`,
  random: randomFrom(seed + number),
  added: 0,
  extra: [],
}));
const stack = await startFaultStack({
  sources: lanes.map(({ source }) => source),
  targets: new Map(lanes.map(({ source, target }) => [target, source])),
  drills: new Map(),
});
const tally: Tally = { cycles: 0, backups: {}, restores: {}, faults: new Map(), problems: [] };
const samples: Sample[] = [];
const begun = performance.now();
const isOver = () => performance.now() - begun > minutes * 60_000;

const watching = setInterval(() => void look().catch(say), sampleEveryMs);
await Promise.all(lanes.map(soak));
clearInterval(watching);
await look();
tally.problems.push(...growthIn(samples), ...stack.ledger.violations, ...(await leftovers(stack)));
report();
await stack.stop();
process.exit(tally.problems.length === 0 ? 0 : 1);

async function soak(lane: Lane): Promise<void> {
  await prepare(lane, stack);
  while (!isOver()) {
    try {
      await cycle(lane, stack, tally);
    } catch (error) {
      tally.problems.push(`${lane.source}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function say(error: unknown): void {
  console.log(`not measured: ${String(error)}`);
}

async function look(): Promise<void> {
  const one = await sample(stack, begun);
  samples.push(one);
  const { backup, restore } = one.workers;
  const of = ({ memoryMb, handles }: typeof backup) =>
    `${String(memoryMb).padStart(4)} MB ${String(handles ?? '?').padStart(4)} handles`;
  console.log(
    `${String(one.atSeconds).padStart(5)} s  backup ${of(backup)}  restore ${of(restore)}  ` +
      `messages ${sum(one.messages.all.values())}  cycles ${tally.cycles}  problems ${tally.problems.length}`,
  );
}

/**
 * When everything has ended: nothing is due, nothing is poisoned. A restore leaves the message of its deadline, and so
 * does each time it was asked for in vain.
 */
async function leftovers(of: FaultStack): Promise<string[]> {
  const problems: string[] = [];
  const until = performance.now() + messagesSettleMs;
  const asked = sum(Object.values(tally.restores)) + sum(tally.faults.values());
  let left = await messagesIn(of);
  const isClean = () =>
    left.visible === 0 &&
    [...left.all].every(([name, count]) => (name === 'restore-jobs' ? count <= asked : count === 0));
  while (!isClean() && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    left = await messagesIn(of);
  }
  const filled = [...left.all].filter(([, count]) => count > 0).map(([name, count]) => `${count} in ${name}`);
  console.log(`messages left: ${filled.join(', ') || 'none'}; ${left.visible} of them due`);
  if (!isClean()) problems.push(`messages are left: ${filled.join(', ')}; ${left.visible} of them due`);
  for (const { source } of lanes) {
    problems.push(...(await problemsOf(of.e2e.stack.container('backups'), source)));
    if (await activeRunOf(of.e2e.stack, source)) problems.push(`a run of ${source} is left open`);
  }
  return problems;
}

function report(): void {
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .map(([status, count]) => `${count} ${status}`)
      .join(', ');
  console.log(
    `${tally.cycles} cycles; backups: ${counts(tally.backups)}; restores: ${counts(tally.restores)}`,
  );
  console.log(`faults made: ${sum(tally.faults.values())} of ${tally.faults.size} kinds`);
  for (const app of ['backup', 'restore'] as const) {
    const memory = samples.map(({ workers }) => workers[app].memoryMb);
    const handles = samples.map(({ workers }) => workers[app].handles ?? 0);
    const span = (values: number[]) =>
      `${values[0]} first, ${Math.max(...values)} most, ${values.at(-1)} last`;
    console.log(`${app} worker: MB ${span(memory)}; open handles ${span(handles)}`);
  }
  for (const problem of tally.problems) console.log(`BROKEN ${problem}`);
  console.log(`${tally.problems.length} broken`);
}
