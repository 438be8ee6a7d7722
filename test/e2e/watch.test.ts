/** The watch through everything real: a run whose messages were lost ends, and raw poison is counted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type E2e, startE2e, waitFor } from './harness.ts';

let e2e: E2e;

beforeAll(async () => {
  e2e = await startE2e({
    vaults: { watched: {} },
    env: { MESSAGE_LEASE_SECONDS: '1' },
    host: { maxPollingIntervalMs: 200 },
  });
  e2e.stack.emulator.control.seed.many('watched', 3, (i) => `object-${i}`);
});
afterAll(() => e2e?.stop());

test('a run that lost its message is brought to its seal', async () => {
  // The message for now never arrives: it is dropped on its way, as a lost one would be.
  let sends = 0;
  const stop = e2e.stack.queues.before(({ operation }) =>
    operation === 'PutMessage' && ++sends === 2 ? { status: 400, code: 'OutOfRangeInput' } : undefined,
  );
  await e2e.fire('watched').catch(() => undefined);
  stop();
  expect(await e2e.points('watched')).toEqual([]);
  await waitFor(async () => {
    await e2e.stack.host.invoke('watchRuns');
    return (await e2e.points('watched')).length > 0;
  });
  expect(await e2e.waitForPoint('watched')).toMatchObject({ status: 'complete', counts: { stored: 3 } });
  expect(e2e.events('run.stalled')).toContainEqual(
    expect.objectContaining({ vault: 'watched', step: 'list' }),
  );
  expect(e2e.events('watch.alive')).toContainEqual(expect.objectContaining({ vaults: 1 }));
});

test('what no function can read is counted where it lies', async () => {
  await e2e.stack.queue('backup-jobs-0').sendMessage('not base64 at all');
  await waitFor(async () => {
    await e2e.stack.host.invoke('watchRuns');
    return e2e.events('poison.found').length > 0;
  });
  expect(e2e.events('poison.found')[0]).toMatchObject({ queue: 'backup-jobs-0-poison', count: 1 });
});
