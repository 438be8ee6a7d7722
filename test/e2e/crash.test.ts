/**
 * The worker is killed after every single write of a whole run (SIGKILL, before the write's answer reaches it), one run
 * per write: between every two writes of startRun and of each step. Every run still ends in a sound, complete point.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StorageRequest } from '../local/storageProxy.ts';
import { type E2e, startE2e, waitFor } from './harness.ts';
import { problemsOf } from './reader.ts';
import { activeRunOf } from './runState.ts';

let e2e: E2e;
const vault = 'crashing';

beforeAll(async () => {
  e2e = await startE2e({ vaults: { [vault]: {} }, env: { MESSAGE_LEASE_SECONDS: '2' } });
  e2e.stack.emulator.control.seed.secret(vault, { name: 'one', value: 'x' });
  await e2e.stack.emulator.control.seed.key(vault, { name: 'two' });
});
afterAll(() => e2e?.stop());

/** The app's own writes; the host's are its business. */
const isWriteOfTheApp = ({ operation, container }: StorageRequest) =>
  operation === 'PutMessage' ||
  (operation === 'PutBlob' && (container === 'state' || container === 'backups'));

const activeRun = () => activeRunOf(e2e.stack, vault);

/** One run by hand, with what is to happen at each of the app's writes; gives the number of writes. */
async function runWith(atWrite: (n: number) => Promise<void>): Promise<number> {
  const before = (await e2e.points(vault)).length;
  let writes = 0;
  const hook = async (request: StorageRequest) => {
    if (!isWriteOfTheApp(request)) return;
    writes += 1;
    await atWrite(writes);
  };
  const stops = [e2e.stack.blobs.after(hook), e2e.stack.queues.after(hook)];
  const ask = async () =>
    (await e2e.call('POST', 'backups', { vault, full: true }).catch(() => null))?.status ?? 0;
  // Who gets no answer asks again: 202, or 409 if the run goes on already. Asking also nudges a run that lost its message.
  let asked = await waitFor(async () => [202, 409].includes(await ask()) && Date.now());
  await waitFor(async () => {
    const run = await activeRun();
    if (run && Date.now() - asked > 3_000) {
      asked = Date.now();
      await ask();
    }
    return run === null && (await e2e.points(vault)).length > before;
  });
  for (const stop of stops) stop();
  return writes;
}

async function expectSound(where: number | string): Promise<void> {
  const point = await e2e.waitForPoint(vault);
  expect([where, point.status, point.counts.stored]).toEqual([where, 'complete', 2]);
  expect(await problemsOf(e2e.stack.container('backups'), vault)).toEqual([]);
}

test('a run ends soundly whichever of its writes its process was killed after', {
  timeout: 300_000,
}, async () => {
  // Until there is no n-th write any more: how often a run looks while it settles varies.
  let kills = 0;
  for (let n = 1, killed = true; killed; n += 1) {
    killed = false;
    await runWith(async (write) => {
      if (write !== n) return;
      killed = true;
      kills += 1;
      await e2e.stack.host.killWorker('SIGKILL');
    });
    await expectSound(n);
  }
  expect(kills).toBeGreaterThan(14);
});

test.each(['list', 'capture', 'settle', 'check', 'seal'])(
  'and in the step %s',
  { timeout: 60_000 },
  async (step) => {
    let killed = false;
    await runWith(async () => {
      if (killed || (await activeRun())?.step !== step) return;
      killed = true;
      await e2e.stack.host.killWorker('SIGKILL');
    });
    expect(killed).toBe(true);
    await expectSound(step);
  },
);
