/** The version guard in a world of memory: what runs learn of versions, and that no backup fails over it. */
import { describe, expect, test } from 'vitest';
import { readVaultState } from '../../../shared/backup/runStore.ts';
import { BackupError } from '../../../shared/domain/errors.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { currentOf, openBlob } from '../../fakes/fakeBlob.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { everything, firstNight, lineOf, looked, many, night, startNow } from '../../fakes/versionsWorld.ts';
import { createWorld } from '../../fakes/world.ts';

describe('the inventory', () => {
  test('tells versions and current version of every object within the period, a share in each run', async () => {
    const world = seeded(createWorld());
    for (let n = 0; n < 25; n += 1) world.vault.put('secret', `more-${n}`);
    many(world, 'old', 30);
    const seen = new Set<string>();
    for (let n = 0; n < 7; n += 1) {
      const runId = await night(world, n);
      const point = world.point(runId);
      expect(point?.status).toBe('complete');
      expect(looked(world).length).toBe(point?.inventory?.requests);
      expect(new Set(looked(world)).size).toBe(point?.inventory?.seen);
      expect(point?.inventory?.seen).toBeLessThanOrEqual(12);
      for (const line of world.lines(runId).filter(({ versions }) => versions !== null))
        seen.add(objectKey(line));
      // No capture comes of a look.
      expect(world.vault.made.filter((call) => call.startsWith('backup ')).length).toBe(n === 0 ? 30 : 0);
    }
    expect(seen.size).toBe(30);
    const last = '20261128T020000Z';
    expect(lineOf(world, last, 'secrets/old')).toMatchObject({ outcome: 'carried', versions: 31 });
    expect(lineOf(world, last, 'secrets/www')).toMatchObject({ outcome: 'skipped', versions: null });
    for (const line of world.lines(last).filter(({ outcome }) => outcome === 'carried')) {
      const blob = world.backups.blobs.get(line.blob ?? '');
      const content = openBlob(line.kind, blob?.bytes ?? new Uint8Array());
      expect(line.versions).toBe(content?.versions.length);
      expect(line.currentVersion).toBe(currentOf(content?.versions ?? []).version);
    }
  });

  test('comes after the captures, and a carried line keeps what was seen until it is seen anew', async () => {
    const world = everything(seeded(createWorld()));
    await night(world);
    expect(world.vault.made.findLastIndex((call) => /^(backup|list) /.test(call))).toBeLessThan(
      world.vault.made.findIndex((call) => call.startsWith('versions ')),
    );
    expect(looked(world)).toHaveLength(5);
    const before = world.lines();
    expect(before.filter(({ versions }) => versions === 1)).toHaveLength(5);
    world.clock.advance(3600_000);
    world.vault.made.length = 0;
    await startNow(world, false);
    await world.drain();
    const { lastRunId } = await readVaultState(world.deps.state, 'contoso');
    const untouched = before.filter((line) => !looked(world).includes(`versions ${objectKey(line)}`));
    expect(untouched.length).toBeGreaterThan(3);
    for (const line of untouched.filter(({ outcome }) => outcome === 'stored'))
      expect(lineOf(world, lastRunId ?? '', objectKey(line))).toEqual({ ...line, outcome: 'carried' });
  });

  test('keeps the dated count of what is captured anew, but not the id of a version that is past', async () => {
    const world = everything(seeded(createWorld()));
    const one = await night(world);
    const before = lineOf(world, one, 'secrets/old');
    expect(before?.currentVersion).not.toBeNull();
    world.vault.put('secret', 'old');
    world.vault.errors.set('versions secrets/old', () => new BackupError('internal', 'no list'));
    const two = await night(world, 1);
    expect(lineOf(world, two, 'secrets/old')).toMatchObject({
      outcome: 'stored',
      versions: 1,
      versionsSeenAt: before?.versionsSeenAt,
      currentVersion: null,
    });
  });

  test('says nothing of an object that changed between its capture and the look', async () => {
    const world = everything(seeded(createWorld()));
    world.vault.beforeCall = (operation) => {
      if (operation === 'versions secrets/old') world.vault.put('secret', 'old');
    };
    const runId = await night(world);
    const line = lineOf(world, runId, 'secrets/old');
    expect(line).toMatchObject({ outcome: 'stored', versions: null, currentVersion: null });
    expect(lineOf(world, runId, 'secrets/db-password')).toMatchObject({ versions: 1 });
    world.vault.beforeCall = () => {};
    const next = await night(world, 1);
    expect(lineOf(world, next, 'secrets/old')).toMatchObject({ outcome: 'stored', versions: 2 });
  });

  test('claims no version of an object whose capture is not what its line says', async () => {
    const world = everything(seeded(createWorld()));
    await night(world);
    let listings = 0;
    world.vault.beforeCall = (operation) => {
      if (operation !== 'list secret' || ++listings !== 2) return;
      const { updated = 0 } = world.vault.objects.get('secrets/old') ?? {};
      const old = world.vault.objects.get('secrets/old');
      if (old) world.vault.objects.set('secrets/old', { ...old, updated: (updated ?? 0) + 7 });
      world.vault.errors.set('backup secrets/old', () => new BackupError('forbidden', 'refused'));
    };
    const two = await night(world, 1);
    expect(world.point(two)?.consistency.changedDuringRun).toEqual(['secrets/old']);
    expect(lineOf(world, two, 'secrets/old')?.currentVersion).toBeNull();
    expect(lineOf(world, two, 'secrets/old')?.versions).toBe(1);
  });

  test('of a vault made anew under the same name knows nothing', async () => {
    const world = everything(seeded(createWorld()));
    await night(world);
    Object.assign(world.plan.vaults[0] ?? {}, { url: 'https://another.vault.azure.net' });
    world.vault.errors.set('versions secrets/old', () => new BackupError('internal', 'no list'));
    expect(lineOf(world, await night(world, 1), 'secrets/old')?.versions).toBeNull();
  });
});

describe('trouble with the inventory', () => {
  test.each([
    ['forbidden', 'forbidden'],
    ['an error of its own', 'internal'],
    ['unreachable', 'unreachable'],
    ['throttled', 'throttled'],
  ] as const)('%s: the run is complete, and sealed in its time', async (_, code) => {
    const world = everything(seeded(createWorld()));
    const refuse = () => new BackupError(code, 'not now');
    for (const object of world.vault.objects.values())
      world.vault.errors.set(`versions ${objectKey(object)}`, refuse);
    const point = world.point(await night(world));
    expect(point).toMatchObject({
      status: 'complete',
      counts: { stored: 5, failed: 0 },
      inventory: { seen: 0 },
    });
    expect(Date.parse(point?.sealedAt ?? '') - firstNight).toBeLessThan(10 * 60_000);
    expect(looked(world).length).toBeLessThanOrEqual(25);
    expect(world.events.filter(({ name }) => name === 'object.failed')).toEqual([]);
  });

  test('a pause is waited out, and what was seen before is not asked again', async () => {
    const world = everything(seeded(createWorld()));
    let refusals = 2;
    world.vault.beforeCall = (operation) => {
      if (operation === 'versions keys/signing' && refusals-- > 0)
        throw new BackupError('throttled', 'slow down');
    };
    const runId = await night(world);
    expect(world.point(runId)).toMatchObject({ status: 'complete', inventory: { seen: 5 } });
    expect(looked(world)).toHaveLength(5);
    expect(world.events.map(({ name }) => name)).toContain('vault.throttled');
  });

  test('a listing without an end is left after 40 pages', async () => {
    const world = everything(seeded(createWorld()));
    const { versionsPage } = world.vault.calls;
    const endless: typeof versionsPage = async (ref, next) => ({
      ...(await versionsPage(ref, next)),
      next: 'more',
    });
    Object.assign(world.vault.calls, { versionsPage: endless });
    expect(world.point(await night(world))).toMatchObject({
      status: 'complete',
      inventory: { requests: 5 * 40 },
    });
  });

  test('a part that cannot be read is as if nobody had looked', async () => {
    const world = everything(seeded(createWorld()));
    await world.fireTimer();
    while (world.run()?.step !== 'settle') await world.step();
    await world.deps.state.create('runs/contoso/20261122T020000Z/versions/broken.ndjson', {
      bytes: Buffer.from('{"kind":"secret"}\nno json\n'),
      contentType: 'application/x-ndjson',
    });
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'complete', inventory: { seen: 5 } });
  });
});
