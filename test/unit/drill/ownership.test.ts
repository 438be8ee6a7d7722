/** What a drill may remove, and that it ends: each of these once went wrong. */
import { expect, test } from 'vitest';
import { askForDrill, drill, drillOrder, heldBy, recordOf } from '../../fakes/drills.ts';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();

function wholeDrill(): RestoreWorld {
  const world = createRestoreWorld(source);
  if (world.drilling.plan) world.drilling.plan = { ...world.drilling.plan, sample: 200 };
  return world;
}
/** An earlier drill that could not remove what it restored. */
async function leftBehind(): Promise<RestoreWorld> {
  const world = wholeDrill();
  world.target.errors.set('remove', () => new Error('not now'));
  expect(await drill(world, drillOrder('20261122T040000Z'))).toMatchObject({ cleaned: false });
  world.target.errors.clear();
  return world;
}

test('after a clean drill nothing in the scratch vault is a drill’s own, whatever its name', async () => {
  const world = wholeDrill();
  expect(await drill(world, drillOrder('20261122T040000Z'))).toMatchObject({
    status: 'complete',
    cleaned: true,
  });
  expect((await world.restore({ objects: ['secrets/db-password'] })).status).toBe('complete');
  const before = heldBy(world);
  expect((await drill(world)).reason).toMatch(/holds what no drill put there: secrets\/db-password/);
  expect(heldBy(world)).toEqual(before);
});

test('what an earlier drill left and somebody changed since is somebody’s', async () => {
  const world = await leftBehind();
  world.clock.advance(60_000);
  world.target.edit('secret', 'db-password', { contentType: 'used by production' });
  const before = heldBy(world);
  expect((await drill(world)).reason).toMatch(/holds what no drill put there: secrets\/db-password/);
  expect(heldBy(world)).toEqual(before);
});

test('an error that nobody knows, while the restore runs: what was restored is removed all the same', async () => {
  const world = wholeDrill();
  await askForDrill(world);
  await world.stepUntil(async () => world.target.made.some((call) => call.startsWith('restore ')));
  let once = true;
  world.target.beforeCall = (operation) => {
    if (!once || !operation.startsWith('list')) return;
    once = false;
    throw new Error('something odd');
  };
  await world.drain();
  expect(recordOf(world)).toMatchObject({ cleaned: true });
  expect(heldBy(world)).toEqual([]);
});

test('a drill whose record cannot be written ends at its deadline, and says so', async () => {
  const world = wholeDrill();
  const { create } = world.drillDeps.audit;
  world.drillDeps.audit.create = (name, blob) =>
    name.endsWith('/ended.json') ? Promise.reject(new Error('storage is full')) : create(name, blob);
  await askForDrill(world);
  await world.drain();
  expect(world.queue.messages.size).toBe(0);
  expect(world.events.filter(({ name }) => name === 'drill.failed')).toMatchObject([
    { fields: { reason: expect.stringMatching(/record cannot be written/) } },
  ]);
});

test('a drill whose reply to its record was lost is told of all the same', async () => {
  const world = wholeDrill();
  const { create } = world.drillDeps.audit;
  let lose = true;
  world.drillDeps.audit.create = async (name, blob) => {
    const created = await create(name, blob);
    if (!lose || !name.endsWith('/ended.json')) return created;
    lose = false;
    throw new Error('the reply was lost');
  };
  expect(await drill(world)).toMatchObject({ status: 'complete' });
  expect(world.events.filter(({ name }) => name === 'drill.complete')).toHaveLength(1);
});
