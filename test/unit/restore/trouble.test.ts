/** What a target does to a restore: lost replies, refusals, throttling, outages. */
import { describe, expect, test } from 'vitest';
import { BackupError, NotNow } from '../../../shared/domain/errors.ts';
import { pictureOf, pictureOfPoint } from '../../fakes/restoreTruth.ts';
import { backedUp, createRestoreWorld, outcomesOf, type RestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();
const point = pictureOfPoint(source);
const key = 'secrets/db-password';
const fails = (
  world: RestoreWorld,
  where: string,
  code: 'unreachable' | 'throttled' | 'forbidden',
  times = Infinity,
) => {
  let left = times;
  world.target.errors.set(where, () => {
    left -= 1;
    if (left === 0) world.target.errors.delete(where);
    return new BackupError(code, `by the test`, { hint: 'Assign the role' });
  });
};

describe('a lost reply', () => {
  test.each([...point.keys()])('to the restore of %s: it is restored, no conflict', async (object) => {
    const world = createRestoreWorld(source);
    world.target.lostReplies.add(`restore ${object}`);
    expect(outcomesOf(await world.restore())[object]).toBe('restored');
    expect(pictureOf(world)).toEqual(point);
  });

  test.each(['remove', 'purge', 'restore'])('to the %s of a replacement: it is replaced', async (verb) => {
    const world = createRestoreWorld(source);
    world.target.put('key', 'signing');
    world.target.lostReplies.add(`${verb} keys/signing`);
    const { objects } = await world.restore({ objects: ['keys/signing'], onConflict: 'replace' });
    expect(objects[0]).toMatchObject({ outcome: 'replaced', reason: null });
  });

  test('to a recovery: it is recovered', async () => {
    const world = createRestoreWorld(source);
    world.holdAsBackedUp('secret', 'db-password');
    world.target.softDelete('secret', 'db-password');
    world.target.lostReplies.add(`recover ${key}`);
    expect(outcomesOf(await world.restore({ objects: [key] }))).toEqual({ [key]: 'recovered' });
  });
});

describe('a target that', () => {
  test('is forbidden by its role is failed at once, with the hint', async () => {
    const world = createRestoreWorld(source);
    fails(world, '*', 'forbidden');
    expect(await world.restore()).toMatchObject({
      status: 'failed',
      reason: 'by the test. Assign the role',
      durationSeconds: 0,
    });
  });

  test('is not configured any more is failed, and not called', async () => {
    const world = createRestoreWorld(source);
    world.forbidTarget();
    expect(await world.restore()).toMatchObject({ status: 'failed', durationSeconds: 0 });
    expect(world.target.made).toEqual([]);
  });

  test('refuses one object fails that one, with the hint', async () => {
    const world = createRestoreWorld(source);
    fails(world, `restore ${key}`, 'forbidden');
    const detail = await world.restore();
    expect(detail.objects.find(({ object }) => object === key)).toMatchObject({
      outcome: 'failed',
      reason: 'forbidden: by the test',
      hint: 'Assign the role',
    });
    expect(detail.counts).toEqual({ restored: 3, failed: 1 });
  });

  test('throttles uses up nobody’s deliveries', async () => {
    const world = createRestoreWorld(source);
    fails(world, 'restore', 'throttled', 40);
    expect((await world.restore()).status).toBe('complete');
  });

  test('is to be called later is called later', async () => {
    const world = createRestoreWorld(source);
    let left = 12;
    world.target.errors.set('*', () => {
      left -= 1;
      if (left === 0) world.target.errors.clear();
      return new NotNow(20_000);
    });
    const detail = await world.restore();
    expect([detail.status, detail.durationSeconds >= 12 * 20]).toEqual(['complete', true]);
  });

  test('is away for an hour is waited for', async () => {
    const world = createRestoreWorld(source);
    fails(world, '*', 'unreachable');
    const backAt = world.clock.now().getTime() + 10 * 60_000;
    world.target.beforeCall = () => {
      if (world.clock.now().getTime() > backAt) world.target.errors.clear();
    };
    expect((await world.restore()).status).toBe('complete');
  });

  test('never comes back is failed, and says why', async () => {
    const world = createRestoreWorld(source, { deadlineMinutes: 30 });
    fails(world, '*', 'unreachable');
    expect(await world.restore()).toMatchObject({ status: 'failed', reason: 'by the test. Assign the role' });
    expect(world.target.writes()).toBe(0);
  });

  test('is lost in the middle of replacements: at the deadline each is told, with where its safety copy lies', async () => {
    const world = createRestoreWorld(source, { deadlineMinutes: 30 });
    for (const name of ['db-password', 'api-key']) world.target.put('secret', name);
    world.target.beforeCall = (operation) => {
      if (operation === `purge ${key}`) fails(world, '*', 'unreachable');
    };
    const detail = await world.restore({ objects: ['secrets/*'], onConflict: 'replace' });
    expect(detail).toMatchObject({ status: 'partial', durationSeconds: 30 * 60 });
    expect(detail.objects.find(({ object }) => object === key)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('the former object may be soft-deleted or gone'),
      hint: expect.stringMatching(/safety\/contoso-dr\/.*\/secrets\/db-password\./),
    });
    // What is asked for again goes on where it can.
    world.target.errors.clear();
    world.target.beforeCall = () => {};
    expect((await world.restore({ objects: ['secrets/*'], onConflict: 'replace' })).status).toBe('complete');
  });

  test('is lost for hours is not called every second', async () => {
    const world = createRestoreWorld(source);
    world.target.put('secret', 'db-password');
    fails(world, `purge ${key}`, 'unreachable');
    await world.restore({ objects: [key], onConflict: 'replace' });
    expect(world.target.made.filter((call) => call === `purge ${key}`).length).toBeLessThan(1_000);
  });
});
