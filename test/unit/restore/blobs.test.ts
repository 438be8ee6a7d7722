/** Blobs that were changed, and blobs that the target cannot decrypt: found out before anything is lost. */
import { describe, expect, test } from 'vitest';
import { pictureOf } from '../../fakes/restoreTruth.ts';
import { backedUp, createRestoreWorld, outcomesOf, type RestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();
const key = 'secrets/db-password';
const restoresOf = ({ target }: RestoreWorld) => target.made.filter((call) => call.startsWith('restore '));
describe('a blob that is not what the recovery point says', () => {
  const blobOf = (world: RestoreWorld) =>
    [...world.backups.blobs].find(([name]) => name.includes('/secrets/db-password.')) ?? ['', undefined];
  const spoilings: [string, RegExp, (world: RestoreWorld) => void][] = [
    [
      'one byte is flipped',
      /does not have the recorded SHA-256 and size/,
      (world) => {
        const [name, blob] = blobOf(world);
        const bytes = Uint8Array.from(blob?.bytes ?? []);
        bytes[70] = (bytes[70] ?? 0) ^ 1;
        if (blob) world.backups.blobs.set(name, { ...blob, bytes });
      },
    ],
    [
      'it is longer',
      /does not have the recorded SHA-256 and size/,
      (world) => {
        const [name, blob] = blobOf(world);
        if (blob)
          world.backups.blobs.set(name, { ...blob, bytes: Buffer.concat([blob.bytes, Buffer.from(' ')]) });
      },
    ],
    ['it is missing', /is missing/, (world) => void world.backups.blobs.delete(blobOf(world)[0])],
  ];

  test.each(spoilings)('%s: named, and nothing of it is sent to the vault', async (_what, reason, spoil) => {
    const world = createRestoreWorld(source);
    spoil(world);
    const detail = await world.restore();
    expect(detail).toMatchObject({ status: 'partial', counts: { restored: 3, failed: 1 } });
    expect(detail.objects.find(({ object }) => object === key)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(reason),
      hint: expect.stringMatching(/Choose another recovery point/),
    });
    expect(restoresOf(world)).not.toContain(`restore ${key}`);
    expect(world.target.made.filter((call) => call.includes('malformed'))).toEqual([]);
  });

  test.each(spoilings)('%s: what it should replace stays', async (_what, _reason, spoil) => {
    const world = createRestoreWorld(source);
    world.target.put('secret', 'db-password');
    const before = pictureOf(world);
    spoil(world);
    await world.restore({ objects: [key], onConflict: 'replace' });
    expect([world.target.writes(), pictureOf(world)]).toEqual([0, before]);
  });
});

describe('another geography', () => {
  test('where the regions tell: everything is blocked by the plan, with what to use instead', async () => {
    const world = createRestoreWorld(source, { traits: { region: 'germanywestcentral', geography: 'told' } });
    const detail = await world.restore({ onConflict: 'replace' });
    expect(new Set(Object.values(outcomesOf(detail)))).toEqual(new Set(['blocked']));
    expect(detail.objects[0]?.reason).toContain('portable copy');
    expect(world.target.writes()).toBe(0);
  });

  test.each(['told', 'hidden'] as const)(
    'where only the vault tells (%s): found at the first object, the rest is not attempted, nothing is removed',
    async (geography) => {
      const world = createRestoreWorld(source, { traits: { region: null, geography } });
      world.target.put('secret', 'db-password');
      const before = pictureOf(world);
      const detail = await world.restore({ onConflict: 'replace' });
      expect(detail).toMatchObject({
        status: 'failed',
        reason: 'wrongGeography: the target cannot decrypt these blobs; nothing was restored',
        counts: { failed: 4 },
      });
      expect(detail.objects.every(({ reason }) => reason?.startsWith('wrongGeography'))).toBe(true);
      expect([restoresOf(world).length, world.target.writes()]).toEqual([1, 0]);
      expect(pictureOf(world)).toEqual(before);
    },
  );

  test.each([
    ['told', 'westeurope', 'blob'],
    ['told', null, 'blob'],
    // The 409 on the taken name comes first and proves nothing, so what cannot be told is not tried.
    ['hidden', null, 'blob'],
    ['hidden', null, 'none'],
    // Nor does one that names what is in the way.
    ['hidden', null, 'live'],
  ] as const)(
    'only replacements, %s, region %s: nothing is removed',
    async (geography, region, namesVersion) => {
      const world = createRestoreWorld(source, { traits: { region, geography, namesVersion } });
      for (const name of ['db-password', 'api-key']) world.target.put('secret', name);
      const before = pictureOf(world);
      const detail = await world.restore({ objects: ['secrets/*'], onConflict: 'replace' });
      expect(detail.reason).toMatch(/^wrongGeography/);
      expect([restoresOf(world).length, world.target.writes()]).toEqual([1, 0]);
      expect(pictureOf(world)).toEqual(before);
    },
  );

  test('an unknown region and a 409 that names the blob’s version: it was decrypted, and may go on', async () => {
    const world = createRestoreWorld(source, { traits: { region: null } });
    world.target.put('secret', 'db-password');
    const { objects } = await world.restore({ objects: [key], onConflict: 'replace' });
    expect(objects[0]?.outcome).toBe('replaced');
  });
});
