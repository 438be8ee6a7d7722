/** The watch over verifications: one that stands still is nudged, one that never came is called out, and not before. */
import { expect, test } from 'vitest';
import { requestVerification } from '../../../shared/verify/startVerification.ts';
import { watchVerification } from '../../../shared/watch/watchVerifications.ts';
import { at, backedUp } from '../verify/backedUp.ts';

const seen = async (verify: Awaited<ReturnType<typeof backedUp>>, name: string) => {
  const { world } = verify;
  world.events.length = 0;
  const [vault] = world.plan.vaults;
  if (!vault) throw new Error('the plan has no vault');
  await watchVerification(world.plan, vault, { ...world.deps, verifyQueue: verify.queue });
  return verify.events(name);
};

test('a vault that was never verified is called out two days after its oldest point', async () => {
  const verify = await backedUp();
  at(verify, '2026-11-24T02:00:00Z');
  expect(await seen(verify, 'verification.overdue')).toEqual([]);
  at(verify, '2026-11-24T03:00:00Z');
  expect(await seen(verify, 'verification.overdue')).toMatchObject([{ vault: 'contoso', last: null }]);
});

test('one that was verified, two days after that; a look at one recovery point does not count', async () => {
  const verify = await backedUp();
  const { id } = await verify.daily();
  at(verify, '2026-11-24T05:29:00Z');
  await verify.ask('latest');
  expect(await seen(verify, 'verification.overdue')).toEqual([]);
  at(verify, '2026-11-24T06:00:00Z');
  expect(await seen(verify, 'verification.overdue')).toMatchObject([
    { last: id, seconds: expect.any(Number) },
  ]);
});

test('a vault that has no point has nothing to verify', async () => {
  const verify = await backedUp();
  verify.world.backups.blobs.clear();
  at(verify, '2026-12-24T02:00:00Z');
  expect(await seen(verify, 'verification.overdue')).toEqual([]);
});

test('a verification that lost its message is nudged a lease after it was due, and ends', async () => {
  const verify = await backedUp();
  await verify.fireDaily();
  verify.queue.messages.clear();
  verify.world.clock.advance(599_000);
  expect(await seen(verify, 'verification.stalled')).toEqual([]);
  verify.world.clock.advance(2_000);
  expect(await seen(verify, 'verification.stalled')).toMatchObject([{ vault: 'contoso', step: 'plan' }]);
  await verify.pump.drain();
  expect(verify.records()).toMatchObject([{ status: 'sound', checked: 3 }]);
  expect(await seen(verify, 'verification.stalled')).toEqual([]);
});

test('one that somebody asked for is nudged as well, and not by the watch over a vault of a similar name', async () => {
  const verify = await backedUp();
  const requestedBy = { name: 'a test', id: null, address: null };
  const { id } = await requestVerification(
    { vault: 'contoso', recoveryPoint: 'latest', requestedBy },
    verify.deps,
  );
  verify.queue.messages.clear();
  verify.world.clock.advance(601_000);
  const [contoso] = verify.world.plan.vaults;
  if (!contoso) throw new Error('the plan has no vault');
  const watchOver = (name: string) =>
    watchVerification(
      verify.world.plan,
      { ...contoso, name },
      { ...verify.world.deps, verifyQueue: verify.queue },
    );
  await watchOver('cont');
  expect(verify.events('verification.stalled')).toEqual([]);
  await watchOver('contoso');
  expect(verify.events('verification.stalled')).toMatchObject([{ id, step: 'plan' }]);
  await verify.pump.drain();
  expect(verify.records()).toMatchObject([{ id, status: 'sound' }]);
});
