/** Objects with very many versions: called out in time, and named as the reason when their backup fails. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { everything, firstNight, lineOf, looked, many, night, startNow } from '../../fakes/versionsWorld.ts';
import { createWorld } from '../../fakes/world.ts';

describe('many versions', () => {
  test('are called out once per run at the highest threshold reached, seen anew or not', async () => {
    const world = createWorld();
    for (const [name, versions] of [
      ['calm', 300],
      ['warm', 301],
      ['hot', 401],
      ['burning', 476],
    ] as const)
      many(world, name, versions);
    everything(world);
    const one = await night(world);
    const called = () =>
      world.events.filter(({ name }) => name === 'versions.high').map(({ fields }) => fields);
    expect(world.events.map(({ name }) => name)).toContain('versions.high');
    const { versionsSeenAt: seenAt } = lineOf(world, one, 'secrets/hot') ?? {};
    expect(called()).toEqual([
      expect.objectContaining({ object: 'secrets/burning', versions: 476, threshold: 475 }),
      {
        vault: 'contoso',
        plan: 'payments',
        runId: one,
        object: 'secrets/hot',
        versions: 401,
        seenAt,
        threshold: 400,
      },
      expect.objectContaining({ object: 'secrets/warm', versions: 301, threshold: 300 }),
    ]);
    expect(world.point(one)?.inventory).toEqual({ seen: 4, requests: 12 + 13 + 17 + 20 });
    world.events.length = 0;
    world.clock.set(new Date(firstNight + 60_000));
    world.vault.made.length = 0;
    await startNow(world, false);
    await world.drain();
    expect(looked(world)).toEqual([]);
    expect(called().map(({ object, threshold }) => [object, threshold])).toEqual([
      ['secrets/burning', 475],
      ['secrets/hot', 400],
      ['secrets/warm', 300],
    ]);
  });

  test('make a failed backup say tooManyVersions, though the vault answered something else', async () => {
    const world = seeded(createWorld());
    many(world, 'crowded', 510);
    world.vault.errors.set('backup secrets/crowded', () => new BackupError('invalid', 'the vault refused'));
    const runId = await night(world);
    expect(world.point(runId)).toMatchObject({ status: 'partial', counts: { failed: 1 } });
    expect(lineOf(world, runId, 'secrets/crowded')).toMatchObject({
      outcome: 'failed',
      versions: 510,
      reason: expect.stringMatching(/^tooManyVersions: it had 510 versions .* create a new object/),
    });
  });
});
