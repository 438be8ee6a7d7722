/** What a vault does to a run: deletions, refusals, outages, throttling, one object that will not be had. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { outcomes, seeded } from '../../fakes/seededWorld.ts';
import { createWorld } from '../../fakes/world.ts';

describe('what the vault does meanwhile', () => {
  test('an object deleted between listing and backup is gone, and the run complete', async () => {
    const world = seeded(createWorld());
    world.vault.beforeCall = (operation) => {
      if (operation === 'list certificate') world.vault.remove('secret', 'old');
    };
    await world.fireTimer();
    await world.drain();
    expect(outcomes(world)['secrets/old']).toBe('gone');
    expect(world.point()?.status).toBe('complete');
  });

  test('a forbidden object fails with its hint, and the run is partial', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set(
      'secrets/old',
      () => new BackupError('forbidden', 'refused', { hint: 'Assign the role' }),
    );
    await world.fireTimer();
    await world.drain();
    expect(world.lines().find((line) => line.name === 'old')).toMatchObject({
      outcome: 'failed',
      reason: 'forbidden: refused. Assign the role',
    });
    expect(world.point()).toMatchObject({ status: 'partial', reason: '1 of 7 objects failed' });
  });

  test('a kind that may not be listed makes the point partial and names the kind; the others are captured', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set(
      'list key',
      () => new BackupError('forbidden', 'refused', { hint: 'Assign the role' }),
    );
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'partial',
      unlisted: [{ kind: 'key', reason: 'refused. Assign the role' }],
      counts: { stored: 4 },
    });
  });

  test('a vault that may not be listed at all is failed at once, with the reason', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set('*', () => new BackupError('forbidden', 'refused', { hint: 'Assign the role' }));
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'failed',
      reason: 'the vault was not listed: refused. Assign the role',
      counts: { listed: 0 },
    });
    expect(
      Date.parse(world.point()?.sealedAt ?? '') - Date.parse(world.point()?.startedAt ?? ''),
    ).toBeLessThan(60_000);
  });

  test('an unreachable vault that comes back ends in a complete point', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set('*', () => new BackupError('unreachable', 'no connection'));
    const backAt = world.clock.now().getTime() + 30 * 60_000;
    world.vault.beforeCall = () => {
      if (world.clock.now().getTime() > backAt) world.vault.errors.clear();
    };
    await world.fireTimer();
    await world.drain();
    expect(world.point()?.status).toBe('complete');
  });

  test('one that never comes back is sealed at the deadline, named', async () => {
    const world = seeded(createWorld({ plan: { deadlineMinutes: 7.5 } }));
    world.vault.errors.set(
      '*',
      () => new BackupError('unreachable', 'no connection', { hint: 'Check the network' }),
    );
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'failed',
      reason: 'the vault was not listed: no connection. Check the network',
    });
    expect(Date.parse(world.point()?.sealedAt ?? '') - Date.parse(world.point()?.startedAt ?? '')).toBe(
      7.5 * 60_000,
    );
  });

  test('an outage after the listing uses up nobody’s deliveries', async () => {
    const world = seeded(createWorld());
    const downUntil = world.clock.now().getTime() + 60 * 60_000;
    world.vault.beforeCall = (operation) => {
      const down = !operation.startsWith('list') && world.clock.now().getTime() < downUntil;
      if (down) world.vault.errors.set('*', () => new BackupError('unreachable', 'no connection'));
      else world.vault.errors.clear();
    };
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'complete', counts: { stored: 5 } });
  });

  test('one object that always times out fails after five deliveries, while the others are stored', async () => {
    const world = seeded(createWorld());
    world.vault.errors.set('secrets/old', () => new BackupError('unreachable', 'no answer in time'));
    await world.fireTimer();
    await world.drain();
    expect(world.lines().find((line) => line.name === 'old')?.reason).toContain(
      'unreachable: no answer in time',
    );
    expect(world.vault.made.filter((call) => call === 'backup secrets/old')).toHaveLength(5);
    expect(world.point()).toMatchObject({ status: 'partial', counts: { stored: 4, failed: 1 } });
  });

  test('a throttled object goes back without using up deliveries', async () => {
    const world = seeded(createWorld());
    let left = 12;
    world.vault.errors.set('secrets/old', () => {
      left -= 1;
      if (left === 0) world.vault.errors.clear();
      return new BackupError('throttled', 'too many requests');
    });
    await world.fireTimer();
    await world.drain();
    expect(world.point()?.status).toBe('complete');
  });
});
