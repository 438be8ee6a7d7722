/** Verifications find what is wrong with stored backups, say it once, and the next run captures anew. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { listVerifications } from '../../../shared/engine/verifications.ts';
import type { VerifyWorld } from '../../fakes/verifyWorld.ts';
import { runId } from '../../fakes/world.ts';
import { at, backedUp, blobOf, night } from './backedUp.ts';

describe('a vault whose backups are as they should be', () => {
  test('is sound: every blob was read, and that is said quietly', async () => {
    const verify = await backedUp();
    const record = await verify.daily();
    expect(record).toMatchObject({
      id: 'contoso-20261122T053000Z',
      scope: 'daily',
      status: 'sound',
      reason: null,
      since: null,
      points: { count: 1, oldest: runId, newest: runId },
      named: 3,
      checked: 3,
      unchecked: 0,
      findings: [],
      unnamed: { superseded: 0, unsealed: 0, stranger: 0 },
    });
    expect(record.bytes).toBeGreaterThan(0);
    expect(verify.world.events.map(({ name }) => name)).toEqual([
      'verification.started',
      'verification.ended',
    ]);
  });

  test('a timer that fires twice starts nothing twice', async () => {
    const verify = await backedUp();
    await verify.fireDaily();
    await verify.fireDaily();
    await verify.daily();
    await verify.fireDaily();
    expect(verify.records()).toHaveLength(1);
    expect(verify.events('verification.started')).toHaveLength(1);
  });

  test('the next day reads what is new, whatever its share', async () => {
    const verify = await backedUp();
    verify.deps.settings = { ...verify.deps.settings, verifyEveryDays: 365 };
    await verify.daily();
    verify.world.vault.put('secret', 'new');
    await verify.backUp(night(23));
    at(verify, '2026-11-23T05:30:00Z');
    const record = await verify.daily();
    expect(record).toMatchObject({ since: '2026-11-22T05:30:00.000Z', named: 4, checked: 1, unchecked: 0 });
  });

  test('every blob is read at least once in VERIFY_EVERY_DAYS, also when days are missed', async () => {
    const verify = await backedUp();
    verify.deps.settings = { ...verify.deps.settings, verifyEveryDays: 5 };
    await verify.daily();
    const reads: string[] = [];
    const read = verify.deps.backups.read;
    verify.deps.backups = {
      ...verify.deps.backups,
      read: (name) => {
        if (name.endsWith('backup')) reads.push(name);
        return read(name);
      },
    };
    for (const day of [23, 24, 27]) {
      at(verify, `2026-11-${day}T05:30:00Z`);
      await verify.daily();
    }
    expect(reads.toSorted()).toEqual(['a', 'b', 'k'].map((name) => blobOf(verify, name)).toSorted());
  });

  test('another VERIFY_EVERY_DAYS begins anew', async () => {
    const verify = await backedUp();
    await verify.daily();
    verify.deps.settings = { ...verify.deps.settings, verifyEveryDays: 60 };
    at(verify, '2026-11-23T05:30:00Z');
    expect(await verify.daily()).toMatchObject({ since: null, checked: 3 });
  });
});

describe('a blob that is not what its point says', () => {
  test.each([
    ['flipped', 'corrupt', (verify: VerifyWorld, blob: string) => verify.flip(blob)],
    ['gone', 'missing', ({ world }: VerifyWorld, blob: string) => void world.backups.blobs.delete(blob)],
    [
      'cut short',
      'corrupt',
      ({ world }: VerifyWorld, blob: string) => {
        const stored = world.backups.blobs.get(blob);
        if (stored) world.backups.blobs.set(blob, { ...stored, bytes: stored.bytes.subarray(1) });
      },
    ],
  ])('%s is found, and captured anew by the next run', async (_how, what, damage) => {
    const verify = await backedUp();
    const blob = blobOf(verify, 'a');
    damage(verify, blob);
    const record = await verify.daily();
    expect(record).toMatchObject({ status: 'failed', checked: 3, unchecked: 0 });
    expect(record.findings).toEqual([
      expect.objectContaining({
        what,
        blob,
        object: 'secrets/a',
        namedBy: { points: 1, oldest: runId, newest: runId },
        known: false,
      }),
    ]);
    expect(verify.events('verification.failed')).toEqual([
      expect.objectContaining({ vault: 'contoso', status: 'failed', findings: 1, known: 0 }),
    ]);
    await verify.backUp(night(23));
    const outcomes = verify.world.lines('20261123T020000Z').map(({ name, outcome }) => [name, outcome]);
    expect(Object.fromEntries(outcomes)).toEqual({ a: 'stored', b: 'carried', k: 'carried' });
    expect(verify.world.point('20261123T020000Z')?.status).toBe('complete');
  });

  test('what was found is read again every day and stays failed, but alarms once', async () => {
    const verify = await backedUp();
    verify.flip(blobOf(verify, 'a'));
    await verify.daily();
    await verify.backUp(night(23));
    at(verify, '2026-11-23T05:30:00Z');
    const second = await verify.daily();
    expect(second).toMatchObject({ status: 'failed', findings: [{ object: 'secrets/a', known: true }] });
    expect(verify.events('verification.failed')).toHaveLength(1);
    expect(verify.events('verification.ended')).toEqual([expect.objectContaining({ findings: 1, known: 1 })]);
    // Once no offered point names it any more, it is no finding.
    at(verify, '2027-02-21T05:30:00Z');
    expect(await verify.daily()).toMatchObject({ status: 'sound', findings: [] });
  });

  test('of a size or digest that the list shows is found on the same day, whatever its share', async () => {
    const verify = await backedUp();
    await verify.daily();
    verify.world.backups.blobs.delete(blobOf(verify, 'b'));
    at(verify, '2026-11-23T05:30:00Z');
    expect(await verify.daily()).toMatchObject({ findings: [{ what: 'missing', object: 'secrets/b' }] });
  });

  test('a look that the network garbled is no finding', async () => {
    const verify = await backedUp();
    const blob = blobOf(verify, 'a');
    const { read } = verify.deps.backups;
    let looks = 0;
    verify.deps.backups = {
      ...verify.deps.backups,
      async read(name) {
        const found = await read(name);
        return name === blob && ++looks === 1 && found ? { ...found, bytes: Buffer.from('garbled') } : found;
      },
    };
    expect(await verify.daily()).toMatchObject({ status: 'sound', checked: 3 });
    expect(looks).toBe(2);
  });

  test('a run whose look at that meets an outage waits for it, rather than capture everything', async () => {
    const verify = await backedUp();
    const { audit } = verify.world;
    const { list } = audit;
    let outages = 0;
    audit.list = (prefix) => {
      if (++outages > 1) return list(prefix);
      throw new BackupError('unreachable', 'storage is away');
    };
    Object.assign(verify.world.deps.audit, { list: audit.list });
    await verify.backUp(night(23));
    expect(outages).toBe(2);
    expect(verify.world.point('20261123T020000Z')?.counts).toMatchObject({ stored: 0, carried: 3 });
    expect(verify.events('verification.unread')).toEqual([]);
  });

  test('where nobody can tell what was found bad, the run carries nothing', async () => {
    const verify = await backedUp();
    verify.flip(blobOf(verify, 'a'));
    const { id } = await verify.daily();
    const [entry] = await listVerifications('contoso', verify.world);
    const stored = verify.world.audit.blobs.get(entry?.blob ?? '');
    if (stored) verify.world.audit.blobs.set(entry?.blob ?? '', { ...stored, bytes: Buffer.from('{') });
    await verify.backUp(night(23));
    expect(verify.world.point('20261123T020000Z')?.counts).toMatchObject({ stored: 3, carried: 0 });
    expect(verify.events('verification.unread')).toEqual([expect.objectContaining({ vault: 'contoso' })]);
    expect(id).toBe(entry?.id);
  });
});
