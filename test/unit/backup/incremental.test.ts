/** Incremental runs and the consistency pass: what is carried, what is captured anew, what is caught or told. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { outcomes, seeded } from '../../fakes/seededWorld.ts';
import { createWorld, runId, type World } from '../../fakes/world.ts';

const backups = (world: World) => world.vault.made.filter((call) => call.startsWith('backup '));
const epoch = (world: World) => Math.floor(world.clock.now().getTime() / 1000);

async function nextNight(world: World, days = 1): Promise<string> {
  const at = new Date(Date.parse('2026-11-22T02:00:00Z') + days * 86_400_000);
  world.clock.set(at);
  world.vault.made.length = 0;
  await world.fireTimer();
  await world.drain();
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

async function firstNight(options = {}): Promise<World> {
  const world = seeded(createWorld(options));
  await world.fireTimer();
  await world.drain();
  return world;
}

describe('the second run', () => {
  test('carries what did not change, with the earlier blob, and lists twice', async () => {
    const world = await firstNight();
    const earlier = world.lines();
    const second = await nextNight(world);
    expect(world.point(second)).toMatchObject({
      status: 'complete',
      counts: { listed: 7, stored: 0, carried: 5, skipped: 2 },
      base: { runId },
    });
    expect(world.vault.made.every((call) => /^(list|versions) /.test(call))).toBe(true);
    // What an inventory saw of versions may be newer than the line.
    const versions = { versions: null, versionsSeenAt: null, currentVersion: null };
    for (const line of world.lines(second).filter(({ outcome }) => outcome === 'carried')) {
      const before = earlier.find((candidate) => objectKey(candidate) === objectKey(line));
      expect({ ...line, ...versions }).toEqual({ ...before, ...versions, outcome: 'carried' });
    }
    expect(world.point(second)?.bytes).toBe(world.point()?.bytes);
  });

  test.each([
    ['updated', { updated: 1_790_000_000 }],
    ['disabled', { enabled: false }],
    ['with another expiry', { expires: 1_900_000_000 }],
    ['with other tags', { tagsDigest: 'f'.repeat(64) }],
    ['of another content type', { contentType: 'text/plain' }],
    ['made anew under the same name', { created: 1_780_000_000 }],
  ])('captures what was %s', async (_what, fields) => {
    const world = await firstNight();
    const old = world.vault.objects.get('secrets/old');
    if (old) world.vault.objects.set('secrets/old', { ...old, ...fields });
    const second = await nextNight(world);
    expect(backups(world)).toEqual(['backup secrets/old']);
    expect(world.point(second)?.counts).toMatchObject({ stored: 1, carried: 4 });
  });

  test('captures anew a blob that is past FULL_EVERY_DAYS, and carries one that is at it', async () => {
    const world = await firstNight();
    world.clock.advance(-5000); // the first night's blobs were captured some seconds after its start
    await nextNight(world, 7);
    expect(backups(world)).toEqual([]);
    await nextNight(world, 8);
    expect(backups(world).length).toBe(5);
  });

  test('does not trust a capture within two seconds of the change', async () => {
    const world = seeded(createWorld());
    // Captured one to two seconds from now: in this world a step that waits in its slot moves time.
    world.vault.put('secret', 'racy', { updated: epoch(world) + 1 });
    world.vault.put('secret', 'steady', { updated: epoch(world) - 10 });
    await world.fireTimer();
    await world.drain();
    await nextNight(world);
    expect(backups(world)).toEqual(['backup secrets/racy']);
  });

  test('carries nothing into a vault that was made anew under the same name', async () => {
    const world = await firstNight();
    const [vault] = world.plan.vaults;
    Object.assign(vault ?? {}, { url: 'https://another.vault.azure.net' });
    const second = await nextNight(world);
    expect(world.point(second)?.counts).toMatchObject({ stored: 5, carried: 0 });
    expect(world.point(second)?.base).toBeNull();
  });

  test('is not based on a failed point, and survives a base that cannot be read', async () => {
    const world = await firstNight();
    world.vault.errors.set('*', () => new BackupError('forbidden', 'refused'));
    const failed = await nextNight(world);
    expect(world.point(failed)?.status).toBe('failed');
    world.vault.errors.clear();
    const third = await nextNight(world, 2);
    expect(world.point(third)?.base?.runId).toBe(runId);
    const index = world.point(third)?.index.blob ?? '';
    const stored = world.backups.blobs.get(index);
    if (stored) world.backups.blobs.set(index, { ...stored, bytes: Buffer.from('{}\n') });
    const fourth = await nextNight(world, 3);
    expect(world.point(fourth)).toMatchObject({ status: 'complete', base: null, counts: { stored: 5 } });
  });
});

describe('the consistency pass', () => {
  /** Changes the world at the n-th listing of secrets. */
  const atListing = (world: World, n: number, change: () => void) => {
    let listings = 0;
    world.vault.beforeCall = (operation) => {
      if (operation === 'list secret' && ++listings === n) change();
    };
  };

  test('captures once more what changed during the run', async () => {
    const world = seeded(createWorld());
    atListing(world, 2, () => world.vault.put('secret', 'old', { updated: epoch(world) - 5 }));
    await world.fireTimer();
    await world.drain();
    const line = world.lines().find(({ name }) => name === 'old');
    expect(line).toMatchObject({
      outcome: 'stored',
      pass: 2,
      blob: expect.stringMatching(/-2\.secretbackup$/),
    });
    expect(world.point()).toMatchObject({
      status: 'complete',
      consistency: { passes: 2, changedDuringRun: [] },
      counts: { listed: 7, stored: 5 },
    });
  });

  test('captures what appeared during the run, and accounts for it', async () => {
    const world = seeded(createWorld());
    atListing(world, 2, () => {
      world.vault.put('secret', 'late');
      world.vault.put('key', 'late-cert', { managed: true });
    });
    await world.fireTimer();
    await world.drain();
    expect(outcomes(world)).toMatchObject({ 'secrets/late': 'stored', 'keys/late-cert': 'skipped' });
    expect(world.point()).toMatchObject({ status: 'complete', counts: { listed: 9, stored: 6, skipped: 3 } });
  });

  test('names what changes at every pass; its last capture stands', async () => {
    const world = seeded(createWorld());
    let changes = 0;
    world.vault.beforeCall = (operation) => {
      if (operation === 'list secret')
        world.vault.put('secret', 'old', { updated: 1_780_000_000 + ++changes });
    };
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'complete',
      consistency: { passes: 2, changedDuringRun: ['secrets/old'] },
    });
    expect(world.lines().find(({ name }) => name === 'old')).toMatchObject({
      outcome: 'stored',
      pass: 2,
      updated: 1_780_000_002,
    });
  });

  test('names what fails in the second pass; the earlier capture stands, with its own attributes', async () => {
    const world = seeded(createWorld());
    const before = world.vault.objects.get('secrets/old')?.updated;
    atListing(world, 2, () => {
      world.vault.put('secret', 'old', { updated: epoch(world) - 5 });
      world.vault.errors.set('secrets/old', () => new BackupError('forbidden', 'refused'));
    });
    await world.fireTimer();
    await world.drain();
    expect(world.lines().find(({ name }) => name === 'old')).toMatchObject({
      outcome: 'stored',
      pass: 1,
      updated: before,
    });
    expect(world.point()?.consistency).toEqual({ passes: 2, changedDuringRun: ['secrets/old'] });
  });

  test('a vault that cannot be listed again makes the point partial, and says what is not known', async () => {
    const world = seeded(createWorld());
    atListing(world, 2, () =>
      world.vault.errors.set('list secret', () => new BackupError('unreachable', 'no connection')),
    );
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('what changed during the run is not known: no connection'),
      counts: { stored: 5 },
    });
  });

  test('what the plan leaves out stays out, however it changes', async () => {
    const world = seeded(createWorld({ plan: { exclude: ['secrets/old'] } }));
    atListing(world, 2, () => world.vault.put('secret', 'old', { updated: epoch(world) }));
    await world.fireTimer();
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'complete',
      consistency: { passes: 1, changedDuringRun: [] },
    });
  });
});
