/** The watch: what nobody else would notice is noticed, once it matters and not before; and its silence means something. */
import { describe, expect, test } from 'vitest';
import { lastCopyExpiresIn, staleness } from '../../../shared/watch/staleness.ts';
import { type WatchDeps, watchRuns } from '../../../shared/watch/watchRuns.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { createWorld, runId, type World } from '../../fakes/world.ts';

const at = (text: string) => new Date(text);
const dayMs = 86_400_000;
const leaseMs = 600_000;

function watching(world: World, fields: Partial<WatchDeps> = {}): WatchDeps {
  return {
    ...world.deps,
    plans: [world.plan],
    poison: { counts: async () => [{ queue: 'backup-jobs-0-poison', count: 0 }] },
    verifyQueue: { send: async () => undefined },
    ...fields,
  };
}
const found = (world: World, name: string) =>
  world.events.filter((event) => event.name === name).map(({ fields }) => fields);

describe('a backup is stale', () => {
  const { plan } = createWorld({ plan: { deadlineMinutes: 60 } });
  const point = (id: string, status = 'complete') => ({
    runId: id,
    status,
    sealedAt: at('2026-11-22T02:10:00Z'),
  });

  test.each([
    ['the last instant has a complete point', [point('20261122T020000Z')], '2026-11-22T12:00:00Z', null],
    ['the run of this instant may still go on', [point('20261121T020000Z')], '2026-11-22T02:59:00Z', null],
    [
      'its deadline is past and there is none',
      [point('20261121T020000Z')],
      '2026-11-22T03:00:01Z',
      '20261121T020000Z',
    ],
    [
      'there is only a partial one',
      [point('20261121T020000Z'), point('20261122T020000Z', 'partial')],
      '2026-11-22T12:00:00Z',
      '20261121T020000Z',
    ],
    ['a manual run came after it', [point('20261122T070000Z')], '2026-11-22T12:00:00Z', null],
  ])('%s', (_what, points, now, last) => {
    expect(staleness(plan, points, at(now))?.lastComplete ?? null).toBe(last);
  });

  test('if the vault never had one', () => {
    expect(staleness(plan, [], at('2026-11-22T12:00:00Z'))).toEqual({
      due: runId,
      lastComplete: null,
      ageSeconds: null,
    });
  });

  test('the last copy is called out before it expires, and a failed point is no copy', () => {
    const sealed = [point('20261122T020000Z'), point('20261123T020000Z', 'failed')];
    const left = (now: string) => lastCopyExpiresIn(sealed, at(now), 90 * dayMs, 14 * dayMs);
    expect(left('2027-01-01T00:00:00Z')).toBeNull();
    expect(left('2027-02-19T02:10:00Z')).toBe(86_400);
    expect(left('2027-03-01T00:00:00Z')).toBeLessThan(0);
  });
});

describe('the watch', () => {
  test('is alive, and has nothing to say of a vault that is as it should be', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    await world.drain();
    world.events.length = 0;
    world.clock.set(at('2026-11-22T12:00:00Z'));
    await watchRuns(watching(world));
    expect(world.events).toEqual([{ name: 'watch.alive', fields: { vaults: 1 } }]);
  });

  test('brings back a run whose message was lost, a lease after it was due', async () => {
    const world = seeded(createWorld());
    await world.fireTimer();
    world.queue.messages.clear();
    world.clock.advance(leaseMs - 1000);
    await watchRuns(watching(world));
    expect(found(world, 'run.stalled')).toEqual([]);
    world.clock.advance(2000);
    await watchRuns(watching(world));
    expect(found(world, 'run.stalled')).toEqual([
      expect.objectContaining({ runId, step: 'list', seconds: 601 }),
    ]);
    await world.drain();
    expect(world.point()?.status).toBe('complete');
  });

  test('calls out what lies in a poison queue, and moved messages', async () => {
    const world = createWorld();
    await watchRuns(
      watching(world, {
        poison: { counts: async () => [{ queue: 'restore-jobs-poison', count: 3 }] },
        strays: { move: async () => 2 },
      }),
    );
    expect(found(world, 'poison.found')).toEqual([{ queue: 'restore-jobs-poison', count: 3 }]);
    expect(found(world, 'messages.moved')).toEqual([{ moved: 2 }]);
  });

  test('looks at everything although one look fails, and then does not call itself alive', async () => {
    const world = createWorld();
    world.clock.set(at('2026-11-22T12:00:00Z'));
    const broken = { counts: () => Promise.reject(new Error('storage is away')) };
    await expect(watchRuns(watching(world, { poison: broken }))).rejects.toThrow('1 of 6 looks failed');
    expect(found(world, 'backup.stale')).toHaveLength(1);
    expect(found(world, 'watch.alive')).toEqual([]);
  });
});

describe('a run that lists much less than the one before', () => {
  const secondNight = async (left: number, plan = {}) => {
    const world = createWorld({ plan });
    for (let i = 0; i < 10; i += 1) world.vault.put('secret', `s${i}`);
    await world.fireTimer();
    await world.drain();
    for (let i = left; i < 10; i += 1) world.vault.remove('secret', `s${i}`);
    world.clock.set(at('2026-11-23T02:00:00Z'));
    await world.fireTimer();
    await world.drain();
    return found(world, 'objects.dropped');
  };

  test('is called out beyond the plan’s share, and not at it', async () => {
    expect(await secondNight(8)).toEqual([]);
    expect(await secondNight(7)).toEqual([expect.objectContaining({ before: 10, listed: 7 })]);
    expect(await secondNight(7, { maxDropPercent: 50 })).toEqual([]);
  });
});
