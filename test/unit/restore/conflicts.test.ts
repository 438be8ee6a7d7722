/** Every conflict policy against every kind of taken name, up to what is in the target afterwards. */
import { describe, expect, test } from 'vitest';
import { objectKey } from '../../../shared/domain/objects.ts';
import type { ConflictPolicy } from '../../../shared/domain/restoreRequest.ts';
import { lossesOf, pictureOf, pictureOfPoint, untruthsOf } from '../../fakes/restoreTruth.ts';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();
const point = pictureOfPoint(source);
const secret = { kind: 'secret', name: 'db-password' } as const;

type Furnish = (world: RestoreWorld) => unknown;
const absent: Furnish = () => {};
const another: Furnish = ({ target }) => target.put('secret', 'db-password');
const same: Furnish = (world) => world.holdAsBackedUp('secret', 'db-password');
const deleted =
  (furnish: Furnish): Furnish =>
  (world) => {
    furnish(world);
    world.target.softDelete('secret', 'db-password');
  };
const ofACertificate: Furnish = ({ target }) => target.put('certificate', 'db-password');
const justPurged: Furnish = ({ target }) => target.shelf.drop(secret, 20_000);

type Outcomes = readonly [fail: string, skip: string, replace: string];
const policies: readonly ConflictPolicy[] = ['fail', 'skip', 'replace'];

const table: [string, Furnish, string, Outcomes][] = [
  ['a free name', absent, 'Recoverable+Purgeable', ['restored', 'restored', 'restored']],
  ['a name that was just purged', justPurged, 'Recoverable+Purgeable', ['restored', 'restored', 'restored']],
  ['the same one', same, 'Recoverable+Purgeable', ['skipped', 'skipped', 'skipped']],
  ['another one', another, 'Recoverable+Purgeable', ['conflict', 'skipped', 'replaced']],
  ['another one, purge protected', another, 'Recoverable', ['conflict', 'skipped', 'blocked']],
  [
    'the same one, soft-deleted',
    deleted(same),
    'Recoverable+Purgeable',
    ['recovered', 'recovered', 'recovered'],
  ],
  [
    'the same one, soft-deleted, purge protected',
    deleted(same),
    'CustomizedRecoverable',
    ['recovered', 'recovered', 'recovered'],
  ],
  [
    'another one, soft-deleted',
    deleted(another),
    'Recoverable+Purgeable',
    ['conflict', 'skipped', 'replaced'],
  ],
  [
    'another one, soft-deleted, purge protected',
    deleted(another),
    'Recoverable',
    ['conflict', 'skipped', 'blocked'],
  ],
  ['a certificate’s own', ofACertificate, 'Recoverable+Purgeable', ['conflict', 'conflict', 'conflict']],
  [
    'a soft-deleted certificate’s own',
    (world) => {
      ofACertificate(world);
      world.target.softDelete('certificate', 'db-password');
    },
    'Recoverable+Purgeable',
    ['conflict', 'conflict', 'conflict'],
  ],
];
const cases = table.flatMap(([state, furnish, recoveryLevel, outcomes]) =>
  policies.map((onConflict, at) => ({ state, furnish, recoveryLevel, onConflict, outcome: outcomes[at] })),
);

test.each(cases)(
  '$state, onConflict $onConflict: $outcome',
  async ({ furnish, recoveryLevel, onConflict, outcome }) => {
    const world = createRestoreWorld(source, { traits: { recoveryLevel } });
    furnish(world);
    const before = pictureOf(world);
    const detail = await world.restore({ objects: [objectKey(secret)], onConflict });
    const judged = { world, before, point };
    expect(detail.objects.map((told) => told.outcome)).toEqual([outcome]);
    expect([...lossesOf(judged), ...untruthsOf(detail, judged)]).toEqual([]);
    const good = /restored|recovered|replaced|skipped/.test(outcome ?? '');
    expect([detail.status, detail.objects[0]?.reason !== null]).toEqual([
      good ? 'complete' : 'failed',
      !/restored|recovered|replaced/.test(outcome ?? ''),
    ]);
    expect(detail.durationSeconds).toBeLessThan(120);
  },
);

describe('without allowReplace the target is never emptied', () => {
  test.each(cases.filter(({ onConflict }) => onConflict === 'replace'))(
    '$state',
    async ({ furnish, recoveryLevel }) => {
      const world = createRestoreWorld(source, { traits: { recoveryLevel }, allowReplace: false });
      furnish(world);
      await world.restore({ objects: [objectKey(secret)], onConflict: 'replace' });
      expect(world.target.made.filter((call) => /^(remove|purge|recover|backup) /.test(call))).toEqual([]);
    },
  );
});

test.each(['key', 'secret'] as const)(
  'a certificate against a lone %s of its name is a conflict',
  async (kind) => {
    const world = createRestoreWorld(source);
    world.target.put(kind, 'www');
    const before = pictureOf(world);
    const { objects } = await world.restore({ objects: ['certificates/www'], onConflict: 'replace' });
    expect(objects[0]).toMatchObject({
      action: 'conflict',
      outcome: 'conflict',
      reason: `the target has a ${kind} of this name`,
      hint: expect.stringMatching(/\w/),
    });
    expect(pictureOf(world)).toEqual(before);
  },
);

describe('what comes into the target between plan and restore', () => {
  const sneak = (world: RestoreWorld, furnish: Furnish) => {
    let done = false;
    world.target.beforeCall = (operation) => {
      if (done || operation !== 'restore secrets/db-password') return;
      done = true;
      furnish(world);
    };
  };

  test.each<[string, Furnish, RegExp]>([
    ['another one', another, /conflict: another secrets\/db-password came into the target meanwhile/],
    ['a soft-deleted one', deleted(another), /conflict: a soft-deleted secrets\/db-password holds the name/],
  ])('%s is a conflict, and stays', async (_what, furnish, reason) => {
    const world = createRestoreWorld(source);
    sneak(world, furnish);
    const { objects } = await world.restore({ objects: ['secrets/db-password'] });
    expect(objects[0]).toMatchObject({
      action: 'restore',
      outcome: 'conflict',
      reason: expect.stringMatching(reason),
      hint: expect.stringMatching(/\w/),
    });
    expect(world.target.writes()).toBe(0);
  });

  test('the same one is what was wanted', async () => {
    const world = createRestoreWorld(source);
    sneak(world, same);
    expect((await world.restore({ objects: ['secrets/db-password'] })).status).toBe('complete');
  });

  test('a name that stays taken for no reason that can be seen is given up, with where to look', async () => {
    const world = createRestoreWorld(source, { traits: { limboMs: 0 } });
    world.target.shelf.drop(secret, 10 * 60 * 60_000);
    const { objects } = await world.restore({ objects: ['secrets/db-password'] });
    expect(objects[0]).toMatchObject({
      outcome: 'conflict',
      reason: 'conflict: the name of secrets/db-password stays taken in the target',
      hint: 'Look for a certificate of this name in the target.',
    });
  });
});
