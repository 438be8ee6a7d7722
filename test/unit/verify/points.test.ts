/** Verifications of points and their chain, of blobs that no point names, and those that somebody asks for. */
import { describe, expect, test } from 'vitest';
import { type VerifyWorld, verifying } from '../../fakes/verifyWorld.ts';
import { createWorld, runId } from '../../fakes/world.ts';
import { at, backedUp, blobOf, night } from './backedUp.ts';

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
    for (const name of verify.world.backups.blobs.keys())
      if (name.includes('20261122')) verify.world.backups.blobs.delete(name);
    at(verify, '2027-02-20T05:30:00Z');
    const { points, findings } = await verify.daily();
    expect(points).toMatchObject({ count: 2, oldest: '20261123T020000Z' });
    // What was carried from the first night is named by the others, and missed.
    expect(findings.map(({ what, object }) => `${what} ${object}`)).toEqual(
      ['keys/k', 'secrets/a', 'secrets/b'].map((object) => `missing ${object}`),
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
