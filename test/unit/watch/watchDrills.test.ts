/** A drill that was due and did not run is called out, also when none ever ran; and not before it had its time. */
import { expect, test } from 'vitest';
import { drillEndedName, drillStartedName } from '../../../shared/domain/blobNames.ts';
import { watchDrill } from '../../../shared/watch/watchDrills.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { createWorld, vaultName, type World } from '../../fakes/world.ts';

const drilled = () => createWorld({ plan: { drill: { schedule: '0 0 4 * * *', target: 'scratch' } } });

async function backedUp(): Promise<World> {
  const world = seeded(drilled());
  await world.fireTimer();
  await world.drain();
  return world;
}

async function seenAt(world: World, instant: string) {
  world.clock.set(new Date(instant));
  world.events.length = 0;
  const [vault] = world.plan.vaults;
  if (!vault) throw new Error('the plan has no vault');
  await watchDrill(world.plan, vault, world.deps);
  return world.events.map(({ name, fields }) => ({ name, ...fields }));
}

const recordEnd = (world: World, id: string) =>
  world.deps.audit.create(drillEndedName(vaultName, id), {
    bytes: Buffer.from('{}'),
    contentType: 'application/json',
    metadata: { status: 'failed', ended: '2026-11-22T04:05:00.000Z', target: 'scratch', cleaned: 'true' },
  });

test('none ever ran: called out 17 hours after it was due', async () => {
  const world = await backedUp();
  expect(await seenAt(world, '2026-11-22T20:59:00Z')).toEqual([]);
  expect(await seenAt(world, '2026-11-22T21:01:00Z')).toEqual([
    {
      name: 'drill.overdue',
      vault: vaultName,
      plan: 'payments',
      due: '20261122T040000Z',
      begun: false,
      last: null,
      seconds: null,
    },
  ]);
});

test('one that began and has no end says so; one that ended, however, is not overdue', async () => {
  const world = await backedUp();
  await world.deps.audit.create(drillStartedName(vaultName, '20261122T040000Z'), {
    bytes: Buffer.from('{}'),
    contentType: 'application/json',
  });
  expect(await seenAt(world, '2026-11-22T21:01:00Z')).toMatchObject([{ begun: true }]);
  await recordEnd(world, '20261122T040000Z');
  expect(await seenAt(world, '2026-11-22T21:01:00Z')).toEqual([]);
  expect(await seenAt(world, '2026-11-23T21:01:00Z')).toMatchObject([
    { due: '20261123T040000Z', last: '20261122T040000Z' },
  ]);
});

test('before the first recovery point no drill was due, and without a drill in the plan none ever', async () => {
  expect(await seenAt(drilled(), '2026-12-24T21:01:00Z')).toEqual([]);
  const undrilled = seeded(createWorld());
  await undrilled.fireTimer();
  await undrilled.drain();
  expect(await seenAt(undrilled, '2026-12-24T21:01:00Z')).toEqual([]);
});
