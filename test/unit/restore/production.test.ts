/** Somebody writes to the target while an object of it gives way: what was written is kept, and told. */
import { describe, expect, test } from 'vitest';
import { lossesOf, pictureOf, pictureOfPoint } from '../../fakes/restoreTruth.ts';
import {
  backedUp,
  createRestoreWorld,
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
describe('production writes', () => {
  /** Lets production write once, right before the n-th call of this name. */
  function writeAt(
    world: RestoreWorld,
    operation: string,
    nth: number,
    write: () => void,
  ): Map<string, string> {
    const latest = new Map(pictureOf(world));
    let calls = 0;
    world.target.beforeCall = (made) => {
      calls += made === operation ? 1 : 0;
      if (made !== operation || calls !== nth) return;
      write();
      latest.set(key, pictureOf(world).get(key) ?? 'absent');
    };
    return latest;
  }
  const aVersion = ({ target }: RestoreWorld) => target.put('secret', 'db-password');
  const anEdit = ({ target }: RestoreWorld) =>
    target.edit('secret', 'db-password', { contentType: 'application/json' });

  test.each([
    ['a new version', aVersion],
    ['an edit', anEdit],
  ])('%s between copy and removal: it is left as it is, a conflict', async (_what, write) => {
    const { world } = furnished();
    const latest = writeAt(world, `versions ${key}`, 2, () => write(world));
    expect(await only(world)).toMatchObject({ outcome: 'conflict', reason: expect.stringContaining('left') });
    expect(world.target.made).not.toContain(`remove ${key}`);
    expect(pictureOf(world)).toEqual(latest);
  });

  test.each([
    ['a new version', aVersion, {}],
    ['an edit', anEdit, {}],
    // The soft-deleted one of a disabled secret shows nothing but that it is there.
    ['an edit of a disabled secret', anEdit, { enabled: false }],
  ])('%s in the moment of the removal: it is recovered, a conflict', async (_what, write, fields) => {
    const { world } = furnished({}, fields);
    const latest = writeAt(world, `remove ${key}`, 1, () => write(world));
    expect(await only(world)).toMatchObject({
      outcome: 'conflict',
      reason: expect.stringContaining('recovered'),
      hint: expect.stringMatching(/\w/),
    });
    expect(world.target.made).not.toContain(`purge ${key}`);
    expect(pictureOf(world)).toEqual(latest);
  });

  const losesReply = (world: RestoreWorld) => void world.target.lostReplies.add(`remove ${key}`);
  const dies = (world: RestoreWorld) => world.crashAtWrite(1, 'before');
  test.each([
    ['the reply is lost', losesReply, true],
    ['the process dies', dies, true],
    ['the reply about a disabled one is lost', losesReply, false],
    ['the process dies over a disabled one', dies, false],
  ])('and %s, so that nobody knows what was removed: it is recovered', async (_what, trouble, enabled) => {
    const { world } = furnished({}, { enabled });
    const latest = writeAt(world, `remove ${key}`, 1, () => {
      anEdit(world);
      trouble(world);
    });
    expect(await only(world)).toMatchObject({ outcome: 'conflict' });
    expect(pictureOf(world)).toEqual(latest);
  });

  test('before the copy: it is in the copy', async () => {
    const { world } = furnished();
    const latest = writeAt(world, `backup ${key}`, 1, () => aVersion(world));
    await replace(world);
    expect(lossesOf({ world, before: latest, point })).toEqual([]);
  });

  test('into the gap between purge and restore: the new one stays, and the former one is named', async () => {
    const { world } = furnished({ traits: { limboMs: 0 } });
    writeAt(world, `restore ${key}`, 2, () => aVersion(world));
    const there = await only(world);
    expect(there).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('could not be put back'),
      hint: expect.stringContaining([...world.safety.blobs.keys()][0] ?? 'nothing'),
    });
    expect(world.target.shelf.get({ kind: 'secret', name: 'db-password' })?.versions).toHaveLength(1);
  });
});
