/** Differences between recovery points in a world of memory: which points are meant, and what is refused. */
import { beforeAll, describe, expect, test } from 'vitest';
import { diffPoints } from '../../../shared/diff/diffPoints.ts';
import { BackupError } from '../../../shared/domain/errors.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { firstNight, night } from '../../fakes/versionsWorld.ts';
import { createWorld, type World } from '../../fakes/world.ts';

let world: World;
let runs: string[];
beforeAll(async () => {
  world = seeded(createWorld());
  runs = [await night(world)];
  world.vault.put('secret', 'fresh');
  world.vault.put('secret', 'old', { expires: 1_900_000_000 });
  world.vault.remove('key', 'signing');
  runs.push(await night(world, 1));
  world.vault.errors.set('*', () => new BackupError('forbidden', 'refused'));
  runs.push(await night(world, 2));
});

const diff = (from: string, to: string, page: { after?: string; limit?: number } = {}) =>
  diffPoints(
    { vault: 'contoso', from, to, after: page.after ?? null, limit: page.limit ?? 1000 },
    world.deps,
  );

describe('between two points', () => {
  test('by run id, by instant and as latest, which passes over a failed one', async () => {
    expect(world.point(runs[2])?.status).toBe('failed');
    const [first = '', second = ''] = runs;
    const told = await diff(first, second);
    expect(told.objects.map(({ object, change }) => `${change} ${object}`)).toEqual([
      'disappeared keys/signing',
      'appeared secrets/fresh',
      'changed secrets/old',
    ]);
    expect(told.objects[2]?.attributes).toContainEqual({
      attribute: 'expires',
      from: null,
      to: 1_900_000_000,
    });
    const anHourLater = new Date(firstNight + 3_600_000).toISOString();
    expect(await diff(anHourLater, 'latest')).toEqual(told);
    expect((await diff(second, first)).counts).toEqual({
      appeared: 1,
      changed: 1,
      disappeared: 1,
      unchanged: 5,
    });
    expect((await diff('Latest', 'latest')).objects).toEqual([]);
  });

  test('a page at a time', async () => {
    const [first = '', second = ''] = runs;
    const page = await diff(first, second, { limit: 2 });
    expect(page.next).toBe('secrets/fresh');
    const rest = await diff(first, second, { limit: 2, after: page.next ?? '' });
    expect(rest).toMatchObject({ objects: [{ object: 'secrets/old' }], next: null, counts: page.counts });
  });

  test.each([
    ['nonsense', 'invalid', /^from: "nonsense" is no recovery point/],
    ['20261322T020000Z', 'invalid', /is no recovery point/],
    ['2026-11-22', 'invalid', /is no recovery point/],
    ['20261101T020000Z', 'notFound', /has no recovery point 20261101T020000Z/],
    ['2026-11-01T00:00:00Z', 'notFound', /sealed at or before 2026-11-01/],
    ['20261124T020000Z', 'invalid', /is failed and says nothing/],
  ])('refuses %s', async (from, code, message) => {
    await expect(diff(from, 'latest')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
