/** A dead or silent portable app is called out by the app that backs up, and GET /api/vaults says how the copies stand. */
import { expect, test } from 'vitest';
import { statusQueries } from '../../../shared/backup/status.ts';
import { watchPortable } from '../../../shared/watch/watchPortable.ts';
import { createPortableWorld } from '../../fakes/portableWorld.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { createWorld, runId, vaultName, type World } from '../../fakes/world.ts';

const portable = { recipients: ['https://recovery.vault.azure.net/keys/portable'] };

async function backedUp(plan: Record<string, unknown> = { portable }): Promise<World> {
  const world = seeded(createWorld({ plan }));
  await world.fireTimer();
  await world.drain();
  return world;
}

async function seenAt(world: World, instant: string) {
  world.clock.set(new Date(instant));
  world.events.length = 0;
  const [vault] = world.plan.vaults;
  if (!vault) throw new Error('the plan has no vault');
  await watchPortable(world.plan, vault, world.deps);
  return world.events.map(({ name, fields }) => ({ name, ...fields }));
}

const shown = async (world: World) =>
  (await statusQueries({ ...world.deps, plans: [world.plan] }).vaults())[0]?.portableCopies;

test('no copies ever came: called out after the plan’s deadline and half an hour', async () => {
  const world = await backedUp();
  expect(await seenAt(world, '2026-11-22T06:29:00Z')).toEqual([]);
  expect(await shown(world)).toEqual({ latest: null, overdue: null });
  expect(await seenAt(world, '2026-11-22T07:00:00Z')).toEqual([
    {
      name: 'portable.overdue',
      vault: vaultName,
      plan: 'payments',
      last: null,
      runId,
      seconds: expect.any(Number),
    },
  ]);
  expect(await shown(world)).toEqual({ latest: null, overdue: { runId, seconds: expect.any(Number) } });
});

test('with copies all is quiet; when they stop coming, the first point without any is named', async () => {
  const world = await backedUp();
  await createPortableWorld(world).copyAll();
  expect(await seenAt(world, '2026-11-22T12:00:00Z')).toEqual([]);
  expect(await shown(world)).toMatchObject({ latest: { runId, status: 'complete' }, overdue: null });
  world.clock.set(new Date('2026-11-23T02:00:00Z'));
  await world.fireTimer();
  await world.drain();
  expect(await seenAt(world, '2026-11-23T12:00:00Z')).toMatchObject([
    { name: 'portable.overdue', last: runId, runId: '20261123T020000Z' },
  ]);
  expect(await shown(world)).toMatchObject({
    latest: { runId },
    overdue: { runId: '20261123T020000Z' },
  });
});

test('copies that failed are told as such, by their own event, and are not overdue', async () => {
  const world = await backedUp();
  const copies = createPortableWorld(world);
  world.vault.errors.set('*', () => new Error('no answer'));
  await copies.copyAll();
  expect(copies.events.map(({ name }) => name)).toContain('portable.failed');
  expect(await seenAt(world, '2026-11-22T23:00:00Z')).toEqual([]);
  expect(await shown(world)).toMatchObject({ latest: { status: 'failed' }, overdue: null });
});

test('a plan without portable has nothing to wait for', async () => {
  const world = await backedUp({});
  expect(await seenAt(world, '2026-12-24T12:00:00Z')).toEqual([]);
  expect(await shown(world)).toBeNull();
});
