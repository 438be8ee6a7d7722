/**
 * `kvb move` killed at each of its steps, at the boundaries and in the middle, and run again: the move ends as if nothing
 * had been. Every call that changes something is a moment; the first test sees that none is left out.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MoveReport } from '../../shared/domain/moveReport.ts';
import { killedAt, type Moment } from './killedMove.ts';
import { fromOf, type MoveE2e, reportIn, startMoves, toOf } from './moveHarness.ts';

const record = 'POST moves/:id/steps';
/**
 * With --hold, then without: between the two the source changes. Of each step the calls that change something; a process
 * that goes on with a step makes them again, or finds that it need not.
 */
const phases: readonly (readonly (readonly string[])[])[] = [
  [
    ['POST restores', 'POST moves'], // the plan of the report, and after the yes
    ['POST backups', record],
    ['POST restores', record],
    ['POST diffs', record],
  ],
  [
    [record], // that the final pass begins
    ['POST backups', record],
    ['POST restores', 'POST restores', record], // what changed, and what is new
    ['POST diffs', record],
    ['POST moves/:id/report'],
  ],
];
/** Killed while each call's work goes on, before its end is recorded, and after. */
const momentsOf = (calls: readonly string[]): Moment[] =>
  calls.flatMap((call, index) => {
    const nth = calls.slice(0, index + 1).filter((one) => one === call).length;
    const after = { call, nth, when: 'after' } as const;
    return call.startsWith('POST moves/') ? [{ call, nth, when: 'before' }, after] : [after];
  });

const [whole, killed] = ['whole', 'killed'] as const;
const created = 1_760_000_000;
/** A move is many steps of two apps: beside other suites each of them waits its turn. */
const timeout = 900_000;
let e2e: MoveE2e;

beforeAll(async () => {
  e2e = await startMoves(
    { [whole]: {}, [killed]: {} },
    { stack: { emulator: { settleMs: 0, purgeLimboMs: 0 } } },
  );
}, timeout);
afterAll(() => e2e?.stop());

async function prepare(pair: string) {
  const { seed } = e2e.stack.emulator.control;
  const vault = fromOf(pair);
  for (const name of ['stays', 'changes', 'goes']) seed.secret(vault, { name, value: name, created });
  seed.secret(toOf(pair), { name: 'theirs', value: 'theirs', created });
  await e2e.call('POST', 'backups', { vault });
  await e2e.waitForPoint(vault);
}

async function change(pair: string) {
  const { secrets } = e2e.operator(fromOf(pair));
  await secrets.setSecret('changes', 'changed');
  await secrets.setSecret('comes', 'new');
  await (await secrets.beginDeleteSecret('goes')).pollUntilDone();
}

const wordsOf = (pair: string, phase: number) => [
  'move',
  '--from',
  fromOf(pair),
  '--to',
  toOf(pair),
  '--reason',
  'CHG-12',
  '--yes',
  '--json',
  ...(phase === 0 ? ['--hold'] : []),
];
const runAll = (pair: string, phase: number) => e2e.move(pair, wordsOf(pair, phase).slice(5));

/** What is the same however often it was killed. */
const timeless = (pair: string, { outcome, ...report }: MoveReport) =>
  JSON.parse(
    JSON.stringify({ ...report, outcome: { ...outcome, restores: outcome?.restores.length } })
      .replaceAll(pair, 'PAIR')
      .replaceAll(/\d{8}T\d{6}Z/g, 'ID')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT'),
  ) as object;

function inside(pair: string) {
  const [from, to] = [fromOf(pair), toOf(pair)].map((vault) =>
    Object.fromEntries(
      e2e.stack.emulator.control
        .objects(vault)
        .secrets.map(({ name, versions }) => [name, versions.map(({ id }) => id)]),
    ),
  );
  return { from, to };
}

async function foldersOf(pair: string): Promise<string[]> {
  const blobs = e2e.stack
    .container('audit')
    .listBlobsFlat({ prefix: `moves/${fromOf(pair)}.${toOf(pair)}.` });
  return (await Array.fromAsync(blobs)).map(({ name }) => name.split('/')[1] ?? '');
}

const writesOf = (pair: string) => e2e.stack.emulator.control.writes(fromOf(pair));
let expected: object;

test('the moments are every call of a move that changes something', { timeout }, async () => {
  await prepare(whole);
  const never = { call: 'never', nth: 1, when: 'before' } as const;
  const posts = async (phase: number) =>
    (await killedAt(wordsOf(whole, phase), e2e.env, never)).calls.filter((call) => call.startsWith('POST'));
  expect(await posts(0)).toEqual(phases[0]?.flat());
  await change(whole);
  expect(await posts(1)).toEqual(phases[1]?.flat());
  const report = reportIn(await runAll(whole, 1));
  expect(report.outcome).toMatchObject({
    status: 'complete',
    left: ['secrets/goes'],
    stale: [],
    notMoved: [],
  });
  expected = timeless(whole, report);
});

test('killed at each of them, one after the other, it ends the same', { timeout }, async () => {
  await prepare(killed);
  let moments = 0;
  for (const [phase, steps] of phases.entries()) {
    if (phase === 1) await change(killed);
    const before = writesOf(killed);
    for (const moment of steps.flatMap(momentsOf)) {
      moments += 1;
      const died = await killedAt(wordsOf(killed, phase), e2e.env, moment);
      expect({ ...moment, phase, ...died }).toMatchObject({ killed: true });
    }
    const said = await runAll(killed, phase);
    expect([said.exitCode, said.err]).toEqual([0, expect.not.stringContaining('error:')]);
    expect(writesOf(killed) - before).toBe(0);
  }
  expect(moments).toBe(25);
  const report = reportIn(await runAll(killed, 1));
  expect(timeless(killed, report)).toEqual(expected);
  const { from, to } = inside(killed);
  expect(to).toEqual({ ...from, theirs: expect.any(Array), goes: expect.any(Array) });
  expect(new Set(await foldersOf(killed))).toEqual(new Set([`${fromOf(killed)}.${toOf(killed)}.0001`]));
});
