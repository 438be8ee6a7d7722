/**
 * Fair between vaults: one that only answers 429, hangs or cannot be reached never delays another one in its shard. Held
 * by the order of events and by counters at the emulator, never by the clock: the good run is sealed while the bad one
 * goes on, with exactly the calls that it makes when it is alone.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type E2e, type Point, startE2e, waitFor } from './harness.ts';
import { problemsOf } from './reader.ts';

interface PacedPoint extends Point {
  readonly requests: { vault: number; throttled: number; pausedMs: number; slowest: number };
}

let e2e: E2e;
let alone: Point;
/** More than the 64 messages that a function has in hand at once: the bad vault could fill all of them. */
const many = 90;
const few = 12;
const faults = ['throttled', 'hanging', 'unreachable', 'unlistable'] as const;

beforeAll(async () => {
  const good = faults.map((fault) => `beside-${fault}`);
  e2e = await startE2e({
    vaults: Object.fromEntries(['alone', ...faults, ...good].map((name) => [name, {}])),
    env: { BACKUP_SHARDS: '1', VAULT_TIMEOUT_SECONDS: '2' },
  });
  for (const vault of ['alone', ...good]) seed(vault, few);
  for (const vault of faults) seed(vault, many);
  await start('alone');
  alone = await e2e.waitForPoint('alone');
});
afterAll(() => e2e?.stop());

const control = () => e2e.stack.emulator.control;
const seed = (vault: string, n: number) => control().seed.many(vault, n, (i) => `object-${i}`);

async function start(vault: string): Promise<void> {
  expect((await e2e.call('POST', 'backups', { vault })).status).toBe(202);
}
async function activeRunOf(vault: string): Promise<unknown> {
  const { vaults } = (await e2e.call('GET', 'vaults')).body as {
    vaults: { vault: string; activeRun: unknown }[];
  };
  return vaults.find((entry) => entry.vault === vault)?.activeRun;
}

/** Calls that arrived at a vault, by operation, whatever became of them; the challenge of a new client is none. */
const callsAt = (vault: string): Record<string, number> => {
  const calls: Record<string, number> = {};
  for (const { operation, vault: at, count } of control().counters().rows)
    if (at === vault && operation !== 'probe') calls[operation] = (calls[operation] ?? 0) + count;
  return calls;
};
const backupsAt = (vault: string) => callsAt(vault)['secrets.backup'] ?? 0;

/** The good vault's whole run while the bad one's is in trouble. */
async function runBeside(bad: (typeof faults)[number]): Promise<void> {
  const good = `beside-${bad}`;
  await start(good);
  expect(await e2e.waitForPoint(good)).toMatchObject({
    status: 'complete',
    counts: { listed: few, stored: few, failed: 0 },
    requests: { throttled: 0, pausedMs: 0, slowest: 1 },
  });
  expect(callsAt(good)).toEqual(callsAt('alone'));
  expect(await e2e.points(bad)).toEqual([]);
  expect(await activeRunOf(bad)).toMatchObject({ runId: expect.any(String) });
  expect(await problemsOf(e2e.stack.container('backups'), good)).toEqual([]);
}

/** After the fault is lifted nothing of the trouble is left but time. */
async function expectComplete(bad: string): Promise<PacedPoint> {
  const point = (await e2e.waitForPoint(bad)) as PacedPoint;
  expect(point).toMatchObject({
    status: 'complete',
    counts: { listed: many, stored: many, failed: 0 },
  });
  expect(await problemsOf(e2e.stack.container('backups'), bad)).toEqual([]);
  return point;
}

/** How many pauses of 1, 2, 4, 8, 16, 16 … s can have begun if the vault was paused that long in all. */
function pausesWithin(pausedMs: number): number {
  let pauses = 0;
  for (let spent = 1_000; spent <= pausedMs; spent += 1_000 * 2 ** Math.min(4, pauses)) pauses += 1;
  return pauses;
}

test('alone, the good vault’s run makes its own calls and no more', () => {
  expect(alone).toMatchObject({ status: 'complete', counts: { stored: few } });
  const calls = callsAt('alone');
  expect(calls['secrets.backup']).toBe(few);
  expect(alone.requests.vault).toBe(Object.values(calls).reduce((sum, count) => sum + count, 0));
});

test('a vault that answers only 429 holds up no other, and is asked no more than its pauses allow', async () => {
  const fault = control().addFault({
    vault: 'throttled',
    operation: 'secrets.backup',
    kind: { status: 429, code: 'Throttled' },
  });
  await start('throttled');
  await waitFor(async () => backupsAt('throttled') > 0);
  await runBeside('throttled');
  const refused = control().count({ vault: 'throttled', status: 429 });
  control().removeFault(fault);
  const { requests } = await expectComplete('throttled');
  expect(requests.throttled).toBeGreaterThanOrEqual(refused);
  expect(requests.throttled).toBe(control().count({ vault: 'throttled', status: 429 }));
  expect(requests.slowest).toBeLessThan(1);
  // A pause begins with the first 429 of a burst, and a burst is what was in flight: 32 calls at most.
  expect(pausesWithin(requests.pausedMs)).toBeGreaterThan(0);
  expect(requests.throttled).toBeLessThanOrEqual(32 * pausesWithin(requests.pausedMs));
});

test('a vault whose calls hang holds up no other', async () => {
  const fault = control().addFault({ vault: 'hanging', operation: 'secrets.backup', kind: { hang: true } });
  await start('hanging');
  await waitFor(async () => e2e.events('vault.unreachable').some(({ vault }) => vault === 'hanging'));
  await runBeside('hanging');
  control().removeFault(fault);
  await expectComplete('hanging');
});

test('a vault that cannot be reached any more holds up no other', async () => {
  const stop = control().onRequest(({ vault, operation }) => {
    if (vault === 'unreachable' && operation === 'secrets.backup') control().setReachable(vault, false);
  });
  await start('unreachable');
  await waitFor(async () => e2e.events('vault.unreachable').some(({ vault }) => vault === 'unreachable'));
  stop();
  await runBeside('unreachable');
  control().setReachable('unreachable', true);
  await expectComplete('unreachable');
});

test('a vault that cannot even be listed, because it hangs, holds up no other', async () => {
  const fault = control().addFault({ vault: 'unlistable', kind: { hang: true } });
  await start('unlistable');
  await waitFor(async () => control().count({ vault: 'unlistable', status: 0 }) > 0);
  await runBeside('unlistable');
  expect(backupsAt('unlistable')).toBe(0);
  control().removeFault(fault);
  await expectComplete('unlistable');
});
