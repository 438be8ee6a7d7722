/** Verifications find what is wrong with stored backups, say it once, and the next run captures anew. */
import { describe, expect, test } from 'vitest';
import { listVerifications } from '../../../shared/engine/verifications.ts';
import { type VerifyWorld, verifying } from '../../fakes/verifyWorld.ts';
import { createWorld, runId } from '../../fakes/world.ts';

const firstNight = '2026-11-22T02:00:00Z';
const objects = ['secrets/a', 'secrets/b', 'keys/k'];

async function backedUp(): Promise<VerifyWorld> {
  const world = createWorld();
  // Made long before, so that they may be carried.
  world.clock.set(new Date('2026-11-01T00:00:00Z'));
  world.vault.put('secret', 'a');
  world.vault.put('secret', 'b');
  world.vault.put('key', 'k');
  const verify = verifying(world);
  await verify.backUp(firstNight);
  world.clock.set(new Date('2026-11-22T05:30:00Z'));
  world.events.length = 0;
  return verify;
}
const blobOf = ({ world }: VerifyWorld, name: string, id = runId) =>
  world.lines(id).find((line) => line.name === name)?.blob ?? '';
const night = (day: number) => `2026-11-${day}T02:00:00Z`;
const at = ({ world }: VerifyWorld, text: string) => world.clock.set(new Date(text));

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

  test('the next day reads what is new, and the share of the day', async () => {
    const verify = await backedUp();
    await verify.daily();
    verify.world.vault.put('secret', 'new');
    await verify.backUp(night(23));
    at(verify, '2026-11-23T05:30:00Z');
    const record = await verify.daily();
    expect(record).toMatchObject({ since: '2026-11-22T05:30:00.000Z', named: 4, unchecked: 0 });
    expect(record.checked).toBeLessThan(4);
    expect(record.checked).toBeGreaterThanOrEqual(1);
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

describe('points and their chain', () => {
  const threeNights = async () => {
    const verify = await backedUp();
    await verify.backUp(night(23));
    await verify.backUp(night(24));
    at(verify, '2026-11-24T05:30:00Z');
    return verify;
  };
  const pointBlob = (id: string) => `contoso/recovery-points/${id}.json`;

  test('a point that was removed is evident', async () => {
    const verify = await threeNights();
    verify.world.backups.blobs.delete(pointBlob('20261123T020000Z'));
    const { status, findings } = await verify.daily();
    expect(status).toBe('failed');
    expect(findings).toEqual([
      expect.objectContaining({ what: 'chain', blob: pointBlob('20261123T020000Z') }),
    ]);
  });

  test('a point that was altered is evident, by the one after it', async () => {
    const verify = await threeNights();
    const stored = verify.world.backups.blobs.get(pointBlob(runId));
    const text = Buffer.from(stored?.bytes ?? '')
      .toString()
      .replace('a test of', 'a lie about');
    if (stored) verify.world.backups.blobs.set(pointBlob(runId), { ...stored, bytes: Buffer.from(text) });
    expect((await verify.daily()).findings).toMatchObject([{ what: 'chain', blob: pointBlob(runId) }]);
  });

  test('the newest one too, which no other names: by the verification before', async () => {
    const verify = await threeNights();
    await verify.daily();
    verify.world.backups.blobs.delete(pointBlob('20261124T020000Z'));
    at(verify, '2026-11-25T05:30:00Z');
    expect((await verify.daily()).findings).toMatchObject([
      { what: 'chain', blob: pointBlob('20261124T020000Z'), known: false },
    ]);
  });

  test('an index with other bytes is found, and the next run captures everything anew', async () => {
    const verify = await threeNights();
    const blob = verify.world.point('20261124T020000Z')?.index.blob ?? '';
    verify.flip(blob);
    expect((await verify.daily()).findings).toMatchObject([{ what: 'index', blob }]);
    await verify.backUp(night(25));
    expect(verify.world.point('20261125T020000Z')).toMatchObject({
      status: 'complete',
      counts: { stored: 3, carried: 0 },
    });
  });

  test('a point that cannot be read is found', async () => {
    const verify = await threeNights();
    verify.flip(pointBlob('20261124T020000Z'));
    expect((await verify.daily()).findings).toMatchObject([
      { what: 'point', blob: pointBlob('20261124T020000Z') },
    ]);
  });

  test('expired ones are neither verified nor missed', async () => {
    const verify = await threeNights();
    await verify.daily();
    for (const name of [...verify.world.backups.blobs.keys()])
      if (name.includes('20261122')) verify.world.backups.blobs.delete(name);
    at(verify, '2027-02-20T05:30:00Z');
    const { points, findings } = await verify.daily();
    expect(points).toMatchObject({ count: 2, oldest: '20261123T020000Z' });
    // What was carried from the first night is named by the others, and missed.
    expect(findings.map(({ what, object }) => [what, object]).toSorted()).toEqual(
      objects.map((object) => ['missing', object]).toSorted(),
    );
  });
});

describe('blobs that no point names', () => {
  const put = ({ world }: VerifyWorld, name: string) =>
    world.backups.create(name, { bytes: Buffer.from('x'), contentType: 'text/plain' });

  test('are told, and are no error', async () => {
    const verify = await backedUp();
    await put(verify, `contoso/runs/${runId}/secrets/a.1-2.secretbackup`);
    await put(verify, 'contoso/runs/20261121T020000Z/secrets/a.1-1.secretbackup');
    await put(verify, 'contoso/runs/notes.txt');
    const record = await verify.daily();
    expect(record).toMatchObject({ status: 'sound', unnamed: { superseded: 1, unsealed: 1, stranger: 1 } });
    expect(record.unnamed?.blobs).toHaveLength(3);
    expect(verify.events('verification.ended')).toMatchObject([{ superseded: 1, unsealed: 1, strangers: 1 }]);
  });

  test('of a run that goes on now are not told', async () => {
    const verify = await backedUp();
    at(verify, night(29));
    await verify.world.fireTimer();
    verify.world.vault.put('secret', 'more');
    while (verify.world.run()?.step !== 'settle') await verify.world.step();
    await put(verify, 'contoso/runs/20261129T020000Z/secrets/more.1-1.secretbackup');
    expect(await verify.daily()).toMatchObject({
      status: 'sound',
      unnamed: { superseded: 0, unsealed: 0, stranger: 0 },
    });
  });
});

describe('asked for', () => {
  test('of a vault: everything, now, by whom', async () => {
    const verify = await backedUp();
    await verify.daily();
    verify.flip(blobOf(verify, 'k'));
    verify.world.clock.advance(60_000);
    const record = await verify.ask();
    expect(record).toMatchObject({
      scope: 'vault',
      requestedBy: { name: 'ada@x' },
      checked: 3,
      findings: [{ what: 'corrupt', object: 'keys/k' }],
    });
    // The next daily one finds it again, whatever its share.
    at(verify, '2026-11-23T05:30:00Z');
    expect(await verify.daily()).toMatchObject({ findings: [{ object: 'keys/k', known: true }] });
  });

  test('of a recovery point: what it names, and no other', async () => {
    const verify = await backedUp();
    verify.world.vault.put('secret', 'new');
    await verify.backUp(night(23));
    expect(await verify.ask(runId)).toMatchObject({
      scope: 'recoveryPoint',
      recoveryPoint: runId,
      checked: 3,
    });
    expect(await verify.ask('latest')).toMatchObject({ recoveryPoint: '20261123T020000Z', checked: 4 });
    // It is no substitute for the daily one, which still has everything to read.
    at(verify, '2026-11-23T05:30:00Z');
    expect(await verify.daily()).toMatchObject({ since: null, checked: 4 });
  });

  test.each([
    ['20200101T000000Z', /^recoveryPoint: contoso has no recovery point/],
    [runId, /^recoveryPoint: .* expired at/],
  ])('of %s, which is not offered, is refused by its field', async (id, said) => {
    const verify = await backedUp();
    at(verify, '2027-03-01T00:00:00Z');
    await expect(verify.ask(id)).rejects.toThrow(said);
    expect(verify.queue.messages.size).toBe(0);
  });

  test('of a vault without points is refused', async () => {
    await expect(verifying(createWorld()).ask()).rejects.toThrow(/^vault: there is no recovery point/);
  });
});
