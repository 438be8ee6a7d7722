/** Events that no other test hears: each is provoked by what docs/events.md says of it. */
import { describe, expect, test } from 'vitest';
import { startPlan } from '../../shared/backup/startPlan.ts';
import { BackupError } from '../../shared/domain/errors.ts';
import { watchRuns } from '../../shared/watch/watchRuns.ts';
import { backedUp, createRestoreWorld } from '../fakes/restoreWorld.ts';
import { seeded } from '../fakes/seededWorld.ts';
import { createWorld, type World } from '../fakes/world.ts';

const heard = ({ events }: Pick<World, 'events'>) => events.map(({ name }) => name);
const fails = (code: 'forbidden' | 'unreachable' | 'throttled') => () =>
  new BackupError(code, 'by the test', { hint: 'None.' });

async function backUp(disturb: (world: World) => void = () => {}): Promise<World> {
  const world = seeded(createWorld());
  disturb(world);
  await world.fireTimer();
  await world.drain();
  return world;
}

describe('a run says how it ended', () => {
  test('complete', async () => {
    const world = await backUp();
    expect(heard(world)).toContain('run.started');
    expect(heard(world)).toContain('run.sealed');
  });

  test('partial', async () => {
    const world = await backUp(({ vault }) => vault.errors.set('secrets/old', fails('forbidden')));
    expect(heard(world)).toContain('object.failed');
    expect(heard(world)).toContain('run.partial');
  });

  test('failed', async () => {
    const world = await backUp(({ vault }) => vault.errors.set('*', fails('forbidden')));
    expect(heard(world)).toContain('run.failed');
  });

  test('busy: a run of another instant is not started beside it', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    world.clock.advance(24 * 3_600_000);
    await world.fireTimer();
    expect(heard(world)).toContain('run.skipped');
  });
});

test('a vault that cannot be reached, or is over its limits, is told while the run waits', async () => {
  const lost = await backUp(({ vault }) => vault.errors.set('list secret', fails('unreachable')));
  expect(heard(lost)).toContain('vault.unreachable');
  const busy = await backUp(({ vault }) => vault.errors.set('list secret', fails('throttled')));
  expect(heard(busy)).toContain('vault.throttled');
});

describe('a restore says how it ended', () => {
  test('complete', async () => {
    const world = createRestoreWorld(await backedUp());
    await world.restore();
    expect(heard(world)).toContain('restore.complete');
  });

  test('partial', async () => {
    const world = createRestoreWorld(await backedUp());
    world.target.errors.set('restore keys/signing', fails('forbidden'));
    await world.restore();
    expect(heard(world)).toContain('restore.partial');
  });

  test('failed', async () => {
    const world = createRestoreWorld(await backedUp());
    world.target.errors.set('restore', fails('forbidden'));
    await world.restore();
    expect(heard(world)).toContain('restore.failed');
  });
});

test('the watch calls out a last copy that is about to expire', async () => {
  const world = await backUp();
  world.clock.advance(80 * 24 * 3_600_000);
  await watchRuns({
    ...world.deps,
    plans: [world.plan],
    poison: { counts: async () => [] },
    verifyQueue: { send: async () => undefined },
  });
  expect(heard(world)).toContain('lastCopy.expiring');
});

test('a vault that suddenly holds much less is called out', async () => {
  const world = await backUp();
  for (const name of ['db-password', 'API-key', 'old']) world.vault.remove('secret', name);
  world.clock.advance(24 * 3_600_000);
  await world.fireTimer();
  await world.drain();
  expect(heard(world)).toContain('objects.dropped');
});

test('messages of former shards that cannot be looked for keep nobody from starting, and are told', async () => {
  const world = seeded(createWorld());
  const strays = { move: () => Promise.reject(new Error('no connection')) };
  await startPlan(world.plan, { ...world.deps, strays });
  expect(heard(world)).toContain('messages.unmoved');
  expect(world.run()).not.toBeNull();
});
