/**
 * Versions are made anew one by one, and nothing takes one back: two deliveries never make them at once, a lost answer
 * is counted and not repeated, and whoever writes into the target meanwhile is told, not written over.
 */
import { expect, test } from 'vitest';
import { restoreObject } from '../../../shared/restore/restoreObject.ts';
import { valueMark } from '../../fakes/fakeReadable.ts';
import { createPortableWorld } from '../../fakes/portableWorld.ts';
import { leaseMs } from '../../fakes/pump.ts';
import { backedUp, createRestoreWorld, outcomesOf } from '../../fakes/restoreWorld.ts';

const source = await backedUp(({ vault }) => {
  for (const contentType of ['first', 'second', 'third']) vault.put('secret', 'db', { contentType });
});
const copied = createPortableWorld(source);
await copied.copyAll();
const db = { kind: 'secret', name: 'db' } as const;
const whole = ['first', 'second', 'third'];

const furnished = () => createRestoreWorld(source, { portable: true });
type World = ReturnType<typeof furnished>;
const restore = (world: World) => world.restore({ mode: 'portable' });
const typesIn = ({ target }: World) => target.shelf.get(db)?.versions.map(({ contentType }) => contentType);

/** The delivery of the object as the queue would hand it over now. */
async function delivery(world: World) {
  await world.request({ mode: 'portable' });
  await world.stepUntil(async () => world.queue.sent.some(({ job }) => job.type === 'restoreObject'));
  const message = world.queue.sent.find(({ job }) => job.type === 'restoreObject');
  if (message?.job.type !== 'restoreObject') throw new Error('no object was enqueued');
  return { message, job: message.job, last: false };
}

test('an answer that is lost is counted: each version comes once', async () => {
  const world = furnished();
  world.target.lostReplies.add('set secrets/db');
  const detail = await restore(world);
  expect(outcomesOf(detail)).toEqual({ 'secrets/db': 'restored' });
  expect(typesIn(world)).toEqual(whole);
  // Whose turn it was has given it back: nobody waits for a lease.
  expect(detail.durationSeconds).toBeLessThan(leaseMs / 1000);
});

test('two deliveries at once: the second waits and finds it done', async () => {
  const world = furnished();
  const given = await delivery(world);
  const second: unknown[] = [];
  world.target.beforeCall = (operation) => {
    if (operation === 'set secrets/db' && second.length === 0) second.push(restoreObject(given, world.deps));
  };
  expect(await restoreObject(given, world.deps)).toBe('restored');
  expect(await second[0]).toBe('deferred');
  world.target.beforeCall = () => {};
  await world.drain();
  expect(typesIn(world)).toEqual(whole);
});

test('who was taken for dead and comes back makes no more versions', async () => {
  const world = furnished();
  const given = await delivery(world);
  let other: unknown = null;
  world.target.beforeCall = (operation) => {
    if (operation !== 'set secrets/db' || other !== null) return;
    // The first one sleeps for longer than a lease, and another delivery takes over.
    world.clock.advance(leaseMs);
    other = restoreObject(given, world.deps);
  };
  expect(await restoreObject(given, world.deps)).toBe('deferred');
  await other;
  world.target.beforeCall = () => {};
  await world.drain();
  expect(typesIn(world)).toEqual(whole);
});

test('somebody else’s version in between is a conflict, and nothing more is written', async () => {
  const world = furnished();
  world.target.beforeCall = (operation) => {
    if (operation === 'set secrets/db' && !typesIn(world)) world.target.lostReplies.add(operation);
    if (operation === 'versions secrets/db' && typesIn(world)?.length === 1)
      world.target.put('secret', 'db', { contentType: 'of somebody else' });
  };
  const detail = await restore(world);
  expect(detail.objects[0]).toMatchObject({
    outcome: 'conflict',
    reason: expect.stringMatching(/another version of secrets\/db came into the target meanwhile/),
    hint: expect.stringMatching(/Look who writes/),
  });
  expect(typesIn(world)).toEqual(['first', 'of somebody else']);
});

test('nothing of a value is in any state, message, audit record or event of it', async () => {
  const world = furnished();
  const { id } = await world.restore({ mode: 'portable' });
  const told = [
    ...[world.state, world.audit, world.safety, world.backups].flatMap(({ blobs }) =>
      [...blobs.values()].map(
        ({ bytes, metadata }) => `${Buffer.from(bytes).toString()} ${JSON.stringify(metadata)}`,
      ),
    ),
    ...[world.queue.sent, world.events, await world.detail(id), copied.events, copied.queue.sent].map(
      (each) => JSON.stringify(each),
    ),
    ...[...copied.state.blobs.values()].map(({ bytes }) => Buffer.from(bytes).toString()),
  ];
  expect(world.target.valuesOf(db)).toHaveLength(3);
  expect(told.length).toBeGreaterThan(10);
  expect(told.filter((text) => text.includes(valueMark))).toEqual([]);
});
