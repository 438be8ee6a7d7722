/** Storage without immutability: the run goes on, loudly; or is refused, where that is asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type E2e, startE2e, waitFor } from './harness.ts';

let e2e: E2e;

beforeAll(async () => {
  e2e = await startE2e({ vaults: { loud: {}, refused: {} }, stack: { worm: false } });
  e2e.stack.emulator.control.seed.many('loud', 3, (i) => `object-${i}`);
});
afterAll(() => e2e?.stop());

test('the run goes on; the point, an event and health say it', async () => {
  await e2e.fire('loud');
  expect(await e2e.waitForPoint('loud')).toMatchObject({ status: 'complete', immutability: 'none' });
  expect(e2e.events('storage.mutable')).toContainEqual(
    expect.objectContaining({ vault: 'loud', immutability: 'none' }),
  );
  expect(await e2e.call('GET', 'health')).toMatchObject({
    status: 503,
    body: { status: 'unhealthy', immutability: 'none' },
  });
});

test('with REQUIRE_IMMUTABLE_STORAGE nothing is started', async () => {
  const strict = await e2e.stack.startHost({ env: { REQUIRE_IMMUTABLE_STORAGE: 'true' } });
  await strict.invoke('runPlan-refused');
  await waitFor(async () => e2e.events('run.refused').length > 0);
  expect(e2e.events('run.refused')[0]).toMatchObject({
    vault: 'refused',
    reason: expect.stringContaining('no immutability policy'),
  });
  const answer = await fetch(`${strict.url}/api/backups`, { method: 'POST', body: '{"vault":"refused"}' });
  expect(await answer.json()).toMatchObject({
    code: 'unreachable',
    vaults: [
      {
        vault: 'refused',
        notStarted: expect.stringContaining('policy'),
        hint: expect.stringContaining('REQUIRE_IMMUTABLE_STORAGE'),
      },
    ],
  });
  expect(await e2e.points('refused')).toEqual([]);
});
