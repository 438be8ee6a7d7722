/** A replacement: in which order it goes, and what comes back when it cannot be ended. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { openBlob } from '../../fakes/fakeBlob.ts';
import { lossesOf, pictureOf, pictureOfPoint } from '../../fakes/restoreTruth.ts';
import {
  backedUp,
  createRestoreWorld,
  outcomesOf,
  type RestoreWorld,
  type RestoreWorldOptions,
} from '../../fakes/restoreWorld.ts';

const source = await backedUp();
const point = pictureOfPoint(source);
const key = 'secrets/db-password';

/** A target with another db-password, an hour old, and what it looks like. */
function furnished(options: RestoreWorldOptions = {}, fields: { enabled?: boolean } = {}) {
  const world = createRestoreWorld(source, options);
  world.target.put('secret', 'db-password', fields);
  world.clock.advance(60 * 60_000);
  return { world, before: new Map(pictureOf(world)) };
}
const replace = (world: RestoreWorld, objects = [key]) => world.restore({ objects, onConflict: 'replace' });
const only = async (world: RestoreWorld) => (await replace(world)).objects[0];
/** What happens to the object after the plan, without the looks that only wait. */
const stepsOf = ({ target }: RestoreWorld) =>
  target.made
    .filter((call) => !/^(list|deleted|versions)/.test(call))
    .map((call) => call.split(' ')[0])
    .filter((verb, at, all) => verb !== all[at - 1]);

describe('undisturbed', () => {
  test('tries first, copies, and only then removes, purges and restores', async () => {
    const { world, before } = furnished();
    expect(await only(world)).toMatchObject({ action: 'replace', outcome: 'replaced', reason: null });
    expect(stepsOf(world)).toEqual(['restore', 'backup', 'remove', 'purge', 'restore']);
    expect(pictureOf(world).get(key)).toBe(point.get(key));
    expect(lossesOf({ world, before, point })).toEqual([]);
  });

  test('the safety copy lies under target, restore and object, with its digest, before anything is removed', async () => {
    const { world } = furnished();
    const former = world.target.shelf.get({ kind: 'secret', name: 'db-password' })?.versions;
    let copies = 0;
    world.target.beforeCall = (operation) => {
      if (operation === `remove ${key}`) copies = world.safety.blobs.size;
    };
    const { id } = await replace(world);
    expect(copies).toBe(1);
    const [[name, blob] = []] = [...world.safety.blobs];
    expect(name).toMatch(new RegExp(`^contoso-dr/${id}/secrets/db-password\\.[0-9a-f]{12}\\.secretbackup$`));
    expect(openBlob('secret', blob?.bytes ?? new Uint8Array())?.versions).toEqual(former);
  });

  test('a soft-deleted one is recovered, so that it can be copied before it goes', async () => {
    const { world, before } = furnished();
    world.target.softDelete('secret', 'db-password');
    expect(await only(world)).toMatchObject({ outcome: 'replaced' });
    expect(stepsOf(world)).toEqual(['restore', 'recover', 'restore', 'backup', 'remove', 'purge', 'restore']);
    expect(lossesOf({ world, before, point })).toEqual([]);
  });

  test('a soft-deleted one stays as it is when it cannot be told that the blob can be decrypted here', async () => {
    const { world, before } = furnished({ traits: { region: null, namesVersion: 'none' } });
    world.target.softDelete('secret', 'db-password');
    before.set(key, pictureOf(world).get(key) ?? '');
    expect(await only(world)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^wrongGeography/),
    });
    expect(pictureOf(world).get(key)).toBe(before.get(key));
    expect(stepsOf(world)).toEqual(['restore']);
  });

  test('one that somebody else purges between copy and removal is not waited for to the deadline', async () => {
    const { world } = furnished();
    let purged = false;
    world.target.beforeCall = (operation) => {
      if (purged || operation !== `remove ${key}`) return;
      purged = true;
      world.target.shelf.drop({ kind: 'secret', name: 'db-password' }, 0);
    };
    expect(await only(world)).toMatchObject({ outcome: 'replaced' });
    expect(pictureOf(world).get(key)).toBe(point.get(key));
    expect(world.safety.blobs.size).toBe(1);
    expect(world.target.made.length).toBeLessThan(400);
  });

  test('plain restores go before replacements', async () => {
    const { world } = furnished();
    await replace(world, ['**']);
    const restored = world.target.made.filter((call) => call.startsWith('restore '));
    expect(restored.indexOf(`restore ${key}`)).toBe(3);
  });

  test('a key gets the recorded rotation policy', async () => {
    const world = createRestoreWorld(source);
    world.target.put('key', 'signing');
    expect(outcomesOf(await replace(world, ['keys/signing']))).toEqual({ 'keys/signing': 'replaced' });
    expect(world.target.shelf.get({ kind: 'key', name: 'signing' })?.policy.expiryTime).toBe('P90D');
  });
});

describe('what cannot be ended', () => {
  const refused = (code: 'forbidden' | 'invalid') => () =>
    new BackupError(code, 'refused', { hint: 'Assign the role' });

  test.each<[string, (world: RestoreWorld) => void]>([
    ['backups are refused', ({ target }) => target.errors.set('backup', refused('forbidden'))],
    ['removals are refused', ({ target }) => target.errors.set('remove', refused('forbidden'))],
    ['purges are refused', ({ target }) => target.errors.set('purge', refused('forbidden'))],
    ['looks at deleted ones are refused', ({ target }) => target.errors.set('deleted', refused('forbidden'))],
  ])('%s: the former object is live, and the object failed with the hint', async (_what, trouble) => {
    const { world, before } = furnished();
    trouble(world);
    expect(await only(world)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('forbidden: refused'),
      hint: 'Assign the role',
    });
    expect(pictureOf(world)).toEqual(before);
  });

  test.each<[string, (world: RestoreWorld) => void]>([
    [
      'cannot be written',
      (world) => {
        world.deps.safety.create = () => Promise.reject(new BackupError('forbidden', 'no right to add'));
      },
    ],
    [
      'does not read back as it was written',
      (world) => {
        world.deps.safety.read = async () => null;
      },
    ],
  ])('a safety copy that %s: nothing is removed', async (_what, spoil) => {
    const { world, before } = furnished({ deadlineMinutes: 60 });
    spoil(world);
    expect(await only(world)).toMatchObject({ outcome: 'failed' });
    expect(stepsOf(world)).not.toContain('remove');
    expect(pictureOf(world)).toEqual(before);
  });

  test.each([0, 3_000, 200_000])(
    'the restore is refused after the purge: the safety copy is put back, after a limbo of %i ms',
    async (limboMs) => {
      // Same region, but another subscription: the 409 on the live name hid that the blob cannot be decrypted.
      const traits = { geography: 'hidden', namesVersion: 'none', limboMs } as const;
      const { world, before } = furnished({ traits });
      const there = await only(world);
      expect(there).toMatchObject({
        outcome: 'failed',
        reason: expect.stringContaining(
          'wrongGeography: Cannot decrypt backup blob.; the former object was put back',
        ),
      });
      expect(pictureOf(world)).toEqual(before);
    },
  );

  test('a key that is put back has its own rotation policy again', async () => {
    const world = createRestoreWorld(source, { traits: { geography: 'hidden', namesVersion: 'none' } });
    world.target.put('key', 'signing');
    const own = { expiryTime: 'P2Y', actions: [] };
    world.target.shelf.setPolicy({ kind: 'key', name: 'signing' }, own);
    expect(outcomesOf(await replace(world, ['keys/signing']))).toEqual({ 'keys/signing': 'failed' });
    expect(world.target.shelf.get({ kind: 'key', name: 'signing' })?.policy.expiryTime).toBe('P2Y');
  });

  test('a safety copy that cannot be put back either is named, to be restored by hand', async () => {
    const { world } = furnished({ traits: { geography: 'hidden', namesVersion: 'none' } });
    world.target.beforeCall = (operation) => {
      if (operation === `purge ${key}`) world.target.errors.set('restore', refused('invalid'));
    };
    expect(await only(world)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('could not be put back'),
      hint: expect.stringContaining(`safety/${[...world.safety.blobs.keys()][0]}`),
    });
  });

  test('a limbo that outlasts a throttled vault is waited out all the same', async () => {
    const { world } = furnished({ traits: { limboMs: 5_000 } });
    let left = 40;
    world.target.errors.set('purge', () => {
      left -= 1;
      if (left === 0) world.target.errors.delete('purge');
      return new BackupError('throttled', 'too many requests');
    });
    expect(await only(world)).toMatchObject({ outcome: 'replaced' });
  });
});
