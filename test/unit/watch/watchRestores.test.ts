/** The watch of the restore app: a restore whose message was lost is nudged and ends; poisoned messages are counted. */
import { expect, test } from 'vitest';
import type { PoisonQueues } from '../../../shared/ports/jobQueue.ts';
import { watchRestores } from '../../../shared/watch/watchRestores.ts';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();
const none: PoisonQueues = { counts: () => Promise.resolve([]) };

async function seen(world: RestoreWorld, name: string, poison: PoisonQueues | null = none) {
  world.events.length = 0;
  await watchRestores({ ...world.deps, poison });
  return world.events.filter((event) => event.name === name).map(({ fields }) => fields);
}

test('a restore that lost all its messages is nudged a lease after it was due, and ends', async () => {
  const world = createRestoreWorld(source);
  const { id } = await world.request();
  world.queue.messages.clear();
  world.clock.advance(world.deps.settings.messageLeaseMs - 1_000);
  expect(await seen(world, 'restore.stalled')).toEqual([]);
  world.clock.advance(2_000);
  expect(await seen(world, 'restore.stalled')).toMatchObject([
    { id, step: 'plan', seconds: expect.any(Number) },
  ]);
  await world.drain();
  expect((await world.detail(id)).status).toBe('complete');
  expect(await seen(world, 'restore.stalled')).toEqual([]);
  expect(world.queue.messages.size).toBe(0);
});

test('poisoned messages are called out, unless another watch counts them', async () => {
  const world = createRestoreWorld(source);
  const counts = () =>
    Promise.resolve([
      { queue: 'restore-jobs-poison', count: 2 },
      { queue: 'other-poison', count: 0 },
    ]);
  expect(await seen(world, 'poison.found', { counts })).toEqual([{ queue: 'restore-jobs-poison', count: 2 }]);
  expect(await seen(world, 'poison.found', null)).toEqual([]);
});
