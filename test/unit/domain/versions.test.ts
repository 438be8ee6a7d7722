/** What an inventory says of a line, and what it must not say: the two looked at different moments. */
import { describe, expect, test } from 'vitest';
import { differences } from '../../../shared/domain/restoreVerify.ts';
import {
  keptVersions,
  namingTooMany,
  thresholdReached,
  type VersionsRecord,
  withVersions,
} from '../../../shared/domain/versions.ts';
import { line } from './arbitraries.ts';

const made = 1_763_776_800;
const iso = (epoch: number) => new Date(epoch * 1000).toISOString();
const record = (seen: Partial<NonNullable<VersionsRecord['seen']>> | null): VersionsRecord => ({
  kind: 'secret',
  name: 'db-password',
  pages: 1,
  seen: seen && { versions: 3, at: iso(made + 900), created: made, version: 'c'.repeat(32), ...seen },
});
const stored = (fields = {}) => line({ kind: 'secret', outcome: 'stored', created: made, ...fields });
const paired = (fields: object, seen: VersionsRecord, moved = false) =>
  withVersions(stored(fields), { record: seen, first: undefined, moved });

describe('a line with what the inventory saw', () => {
  test('has the count, its time and the id of the newest version', () => {
    expect(paired({ versions: null, currentVersion: null }, record({}))).toMatchObject({
      versions: 3,
      versionsSeenAt: iso(made + 900),
      currentVersion: 'c'.repeat(32),
    });
  });

  test.each([
    [
      'a newer version came between capture and inventory',
      record({ created: made + 60, version: 'd'.repeat(32) }),
    ],
    ['the object was made anew from an older backup', record({ created: made - 60 })],
    ['its versions could not be listed', record(null)],
  ])('says nothing when %s', (_, seen) => {
    const fields = { versions: 2, versionsSeenAt: iso(made - 86_400), currentVersion: null };
    expect(paired(fields, seen)).toMatchObject(fields);
  });

  test.each([
    ['two versions were made in one second', record({ version: null }), false],
    ['the second may still have got another version', record({ at: iso(made + 1) }), false],
    ['the line may not be what its blob holds', record({}), true],
  ])('claims no version id when %s', (_, seen, moved) => {
    expect(paired({ currentVersion: null }, seen, moved)).toMatchObject({
      versions: 3,
      currentVersion: null,
    });
  });

  test('keeps the id that a key’s own capture read', () => {
    const key = line({ kind: 'key', created: made, keyType: 'RSA', currentVersion: 'a'.repeat(32) });
    for (const moved of [false, true])
      expect(withVersions(key, { record: record({}), first: undefined, moved })).toMatchObject({
        versions: 3,
        currentVersion: 'a'.repeat(32),
      });
  });

  test('has the dated count of the run’s first plan when a later pass captured it', () => {
    const first = {
      created: made - 5,
      versions: 480,
      versionsSeenAt: iso(made - 9),
      currentVersion: 'b'.repeat(32),
    };
    const open = { versions: null, versionsSeenAt: null, currentVersion: null };
    expect(withVersions(stored(open), { record: undefined, first, moved: false })).toMatchObject({
      versions: 480,
      versionsSeenAt: iso(made - 9),
      currentVersion: null,
    });
  });

  test('is restored without a false "differs", whichever of them saw a change first', () => {
    // Every order of: listing, a new version, capture, inventory; the blob holds what the vault held at the capture.
    for (const changedAt of [0.5, 1.5, 2.5, 3.5]) {
      const ids = ['1'.repeat(32), '2'.repeat(32)];
      const newestAt = (moment: number) => (moment > changedAt ? 1 : 0);
      const createdOf = (n: number) => made + 100 * n;
      const listed = newestAt(1);
      const captured = newestAt(2);
      const inventoried = newestAt(3);
      const seen = record({
        created: createdOf(inventoried),
        version: ids[inventoried] ?? null,
        at: iso(made + 1000),
      });
      const sealed = withVersions(
        stored({ created: createdOf(listed), updated: createdOf(listed), currentVersion: null }),
        { record: seen, first: undefined, moved: captured !== listed },
      );
      const restored = {
        ...sealed,
        created: createdOf(captured),
        updated: createdOf(captured),
        version: ids[captured] ?? null,
      };
      // A capture that its line does not describe is named in the point; its version is no further complaint.
      expect(differences(sealed, restored)).toEqual(captured === listed ? [] : ['created', 'updated']);
    }
  });
});

describe('what a new line keeps', () => {
  const earlier = {
    created: made,
    versions: 7,
    versionsSeenAt: iso(made + 9),
    currentVersion: 'e'.repeat(32),
  };

  test('the id while the newest version is the same, the dated count in any case', () => {
    expect(keptVersions(earlier, { created: made })).toEqual({
      versions: 7,
      versionsSeenAt: iso(made + 9),
      currentVersion: 'e'.repeat(32),
    });
    expect(keptVersions(earlier, { created: made + 5 })).toMatchObject({ versions: 7, currentVersion: null });
    expect(keptVersions({ ...earlier, created: null }, { created: null }).currentVersion).toBeNull();
    expect(keptVersions(undefined, { created: made })).toEqual({
      versions: null,
      versionsSeenAt: null,
      currentVersion: null,
    });
  });
});

describe('too many versions', () => {
  const failed = (versions: number | null, reason = 'unreachable: no answer in time') =>
    namingTooMany(line({ outcome: 'failed', reason, versions, versionsSeenAt: iso(made) }));

  test('is what a failed backup of more than 500 past versions says, with what to do', () => {
    expect(failed(502).reason).toMatch(
      /^tooManyVersions: it had 502 versions at .*; the backup failed with unreachable: no answer in time\. .*create a new object/,
    );
  });

  test.each([501, 20, null])('is not said of %s versions', (versions) => {
    expect(failed(versions).reason).toBe('unreachable: no answer in time');
  });

  test('is not said twice, and not of what did not fail', () => {
    expect(failed(900, 'tooManyVersions: refused').reason).toBe('tooManyVersions: refused');
    const fine = line({ outcome: 'stored', reason: null, versions: 900 });
    expect(namingTooMany(fine)).toEqual(fine);
  });

  test.each([
    [null, null],
    [300, null],
    [301, 300],
    [400, 300],
    [401, 400],
    [475, 400],
    [476, 475],
    [2000, 475],
  ])('of %s versions, the threshold reached is %s', (versions, threshold) => {
    expect(thresholdReached(versions)).toBe(threshold);
  });
});
