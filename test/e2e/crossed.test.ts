/**
 * Messages and processes that cross each other: every message twice, late and in another order; two of everything at
 * every conditional write; the same instant fired early, twice and late; a manual run beside a timer run.
 */
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StorageRequest } from '../local/storageProxy.ts';
import { type E2e, startE2e, waitFor } from './harness.ts';
import { liveObjects, problemsOf } from './reader.ts';
import { activeRunOf } from './runState.ts';

let e2e: E2e;
/** Today's instant of the schedule `timed`: a little ahead, so that the worker's clock can be set around it. */
const instant = new Date(Math.ceil(Date.now() / 1000) * 1000 + 50_000);

beforeAll(async () => {
  const daily = `${instant.getUTCSeconds()} ${instant.getUTCMinutes()} ${instant.getUTCHours()} * * *`;
  e2e = await startE2e({
    vaults: { doubled: {}, raced: {}, timed: { plan: { schedule: daily } }, busy: {} },
  });
  for (const vault of ['doubled', 'raced', 'timed', 'busy'])
    e2e.stack.emulator.control.seed.many(vault, 8, (i) => `object-${i}`);
});
afterAll(() => e2e?.stop());

/** Sends every message of the app again, straight to the queue, zero to two seconds later than the first could be seen. */
function doubleEveryMessage(): () => void {
  const direct = QueueServiceClient.fromConnectionString(e2e.stack.azurite.connectionString);
  return e2e.stack.queues.after(async ({ operation, container, body, sequence }) => {
    const text = /<MessageText>([^<]*)<\/MessageText>/.exec(body.toString('utf8'))?.[1];
    if (operation === 'PutMessage' && text)
      await direct.getQueueClient(container).sendMessage(text, { visibilityTimeout: sequence % 3 });
  });
}

/**
 * Holds a write until a second one of the same name comes, so that two processes stand at the same line. The first one
 * summons the second: another message for the same run, which finds the same state.
 */
function meetAt(
  vault: string,
  isMeeting: (request: StorageRequest) => boolean,
): { meetings: () => number; stop: () => void } {
  const waiting = new Map<string, () => void>();
  let meetings = 0;
  const stop = e2e.stack.blobs.before(async (request) => {
    if (request.operation !== 'PutBlob' || !isMeeting(request)) return;
    const other = waiting.get(request.name);
    if (other) {
      meetings += 1;
      waiting.delete(request.name);
      other();
      return;
    }
    const second = new Promise<void>((resolve) => {
      waiting.set(request.name, resolve);
      setTimeout(() => {
        waiting.delete(request.name);
        resolve();
      }, 2_000);
    });
    await summon(vault);
    await second;
  });
  return { meetings: () => meetings, stop };
}

async function summon(vault: string): Promise<void> {
  const runId = (await activeRunOf(e2e.stack, vault))?.runId;
  if (!runId) return;
  const message = { v: 1, job: { type: 'advanceRun', vault, runId }, notAfter: null, attempt: 0 };
  await e2e.stack.queue('backup-jobs-0').sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
}

describe('crossed', () => {
  test('every message twice, late and in another order: one complete point, no object twice', async () => {
    const stop = doubleEveryMessage();
    await e2e.fire('doubled');
    expect(await e2e.waitForPoint('doubled')).toMatchObject({
      status: 'complete',
      counts: { listed: 8, stored: 8 },
    });
    await waitFor(async () => e2e.stack.host.inFlight() === 0);
    stop();
    expect(await problemsOf(e2e.stack.container('backups'), 'doubled')).toEqual([]);
  });

  test('two advanceRun at once in every step, two sealers at the same line: one wins, objects that appear meanwhile are not lost', async () => {
    const { control } = e2e.stack.emulator;
    let late = 0;
    const stopListing = control.onRequest(({ vault, operation }) => {
      if (vault === 'raced' && operation === 'certificates.list')
        control.seed.secret('raced', { name: `late-${++late}`, value: 'x' });
    });
    const stopDoubling = doubleEveryMessage();
    const state = meetAt(
      'raced',
      ({ container, name }) => container === 'state' && name === 'vaults/raced.json',
    );
    const seal = meetAt(
      'raced',
      ({ container, name }) => container === 'backups' && name.startsWith('raced/recovery-points/'),
    );
    await e2e.fire('raced');
    const point = await e2e.waitForPoint('raced');
    await waitFor(async () => e2e.stack.host.inFlight() === 0);
    for (const stop of [stopListing, stopDoubling, state.stop, seal.stop]) stop();
    expect(point).toMatchObject({ status: 'complete', counts: { failed: 0 } });
    expect(state.meetings()).toBeGreaterThanOrEqual(3);
    expect(seal.meetings()).toBeGreaterThanOrEqual(1);
    expect(await e2e.points('raced')).toHaveLength(1);
    expect(e2e.events('seal.conflict')).toEqual([]);

    expect((await e2e.call('POST', 'backups', { vault: 'raced' })).status).toBe(202);
    const next = await e2e.waitForPoint('raced', ({ trigger }) => trigger === 'manual');
    const named = (await e2e.lines(next)).map(({ kind, name }) => `${kind}/${name}`).sort();
    expect(named).toEqual(liveObjects(control, 'raced'));
    expect(late).toBeGreaterThanOrEqual(2);
    expect(await problemsOf(e2e.stack.container('backups'), 'raced')).toEqual([]);
  });

  test('a manual run beside a timer run is answered with the one that goes on', async () => {
    const { control } = e2e.stack.emulator;
    const fault = control.addFault({
      vault: 'busy',
      operation: 'secrets.backup',
      name: 'object-0',
      kind: { delayMs: 900 },
    });
    await e2e.fire('busy');
    const answer = await e2e.call('POST', 'backups', { vault: 'busy' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'busy', hint: expect.any(String) } });
    const point = await e2e.waitForPoint('busy');
    expect(answer.body['run']).toBe(point.runId);
    control.removeFault(fault);
    expect(e2e.events('run.skipped')).toContainEqual(
      expect.objectContaining({ vault: 'busy', busyWith: point.runId }),
    );
  });

  test('the same instant fired early, twice and half a minute late is one run, named by the instant', async () => {
    const runId = `${instant.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
    await e2e.stack.host.setClockOffset(instant.getTime() - 3_000 - Date.now());
    await Promise.all([e2e.fire('timed'), e2e.fire('timed')]);
    expect((await e2e.waitForPoint('timed')).runId).toBe(runId);
    await e2e.stack.host.setClockOffset(instant.getTime() + 30_000 - Date.now());
    await e2e.fire('timed');
    await e2e.stack.host.setClockOffset(0);
    expect(e2e.events('run.started').filter((event) => event['vault'] === 'timed')).toHaveLength(1);
    expect(await e2e.points('timed')).toEqual([`timed/recovery-points/${runId}.json`]);
  });
});
