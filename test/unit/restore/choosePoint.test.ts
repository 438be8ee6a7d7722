/** Which recovery point a request means, and which ones are never offered. */
import { describe, expect, test } from 'vitest';
import { recoveryPointBlobName } from '../../../shared/domain/blobNames.ts';
import { BackupError } from '../../../shared/domain/errors.ts';
import { backedUp, createRestoreWorld, type RestoreWorld, seedSource } from '../../fakes/restoreWorld.ts';
import { vaultName, type World } from '../../fakes/world.ts';

const [first, second, third] = ['20261122T020000Z', '20261123T020000Z', '20261124T020000Z'] as const;

async function nextNight(world: World, day: string): Promise<void> {
  world.clock.set(new Date(`${day}T02:00:00Z`));
  await world.fireTimer();
  await world.drain();
}
/** Three nights: whole, whole, and one in which a secret could not be had. */
const source = await backedUp((world) => {
  seedSource(world);
  world.vault.put('secret', 'old');
});
await nextNight(source, '2026-11-23');
source.vault.put('secret', 'old');
source.vault.errors.set('secrets/old', () => new BackupError('forbidden', 'refused', { hint: 'Ask' }));
await nextNight(source, '2026-11-24');

const world = () => createRestoreWorld(source);
const sealed = (runId: string) => source.point(runId)?.sealedAt ?? '';
const chosen = async (asked: Parameters<RestoreWorld['request']>[0], in_ = world()) =>
  (await in_.request({ objects: ['certificates/www'], ...asked })).point.runId;
const refusal = (asked: Parameters<RestoreWorld['request']>[0], in_ = world()) =>
  in_.request(asked).then(
    () => null,
    (error: unknown) => error,
  );

describe('by moment', () => {
  test.each<[string, Parameters<RestoreWorld['request']>[0], string]>([
    ['the latest complete one', {}, second],
    ['a partial one on purpose', { allowPartial: true }, third],
    ['the newest before a moment', { at: '2026-11-23T00:00:00Z' }, first],
    ['the very moment of the seal', { at: sealed(second) }, second],
    ['a second before the seal', { at: new Date(Date.parse(sealed(second)) - 1).toISOString() }, first],
    ['the same moment elsewhere', { at: '2026-11-23T01:00:00+01:00' }, first],
    ['a moment after the partial one', { at: '2026-11-25T00:00:00Z' }, second],
    ['and with it on purpose', { at: '2026-11-25T00:00:00Z', allowPartial: true }, third],
  ])('%s', async (_what, asked, runId) => {
    expect(await chosen(asked)).toBe(runId);
  });

  test('before the first one there is none', async () => {
    expect(await refusal({ at: '2026-11-21T00:00:00Z' })).toMatchObject({
      code: 'notFound',
      message: 'at: contoso has no fitting recovery point sealed at or before 2026-11-21T00:00:00Z',
    });
  });

  test('what was passed over is named with why', async () => {
    const only = world();
    for (const runId of [first, second]) only.backups.blobs.delete(recoveryPointBlobName(vaultName, runId));
    expect(await refusal({}, only)).toMatchObject({
      code: 'notFound',
      message: expect.stringContaining(`${third} is partial (1 of 7 objects failed)`),
      hint: expect.stringContaining('allowPartial'),
    });
  });

  test('a vault that nobody backed up is named as such', async () => {
    expect(await refusal({ vault: 'fabrikam' })).toMatchObject({
      code: 'notFound',
      message: 'vault: there is no recovery point of fabrikam',
    });
  });

  test('the name of the vault in any case', async () => {
    expect(await chosen({ vault: 'CONTOSO' })).toBe(second);
  });
});

describe('by id', () => {
  test.each([first, second])('%s', async (runId) => {
    expect(await chosen({ recoveryPoint: runId })).toBe(runId);
  });

  test('a partial one is refused with why, unless on purpose', async () => {
    expect(await refusal({ recoveryPoint: third })).toMatchObject({
      code: 'invalid',
      message: `recoveryPoint: ${third} is partial (1 of 7 objects failed)`,
    });
    expect(await chosen({ recoveryPoint: third, allowPartial: true })).toBe(third);
  });

  test('one that is not there', async () => {
    expect(await refusal({ recoveryPoint: '20261121T020000Z' })).toMatchObject({
      code: 'notFound',
      message: 'recoveryPoint: contoso has no recovery point 20261121T020000Z',
    });
  });
});

describe('never offered', () => {
  /** The same points, one of them rewritten. */
  function with_(runId: string, fields: object, modified?: Date): RestoreWorld {
    const changed = world();
    const name = recoveryPointBlobName(vaultName, runId);
    const blob = changed.backups.blobs.get(name);
    const text = Buffer.from(blob?.bytes ?? []).toString('utf8');
    const bytes = Buffer.from(JSON.stringify({ ...(JSON.parse(text) as object), ...fields }));
    if (blob)
      changed.backups.blobs.set(name, { ...blob, bytes, lastModified: modified ?? blob.lastModified });
    return changed;
  }

  test.each([
    ['an expired one', { expiresAt: '2026-11-23T12:00:00.000Z' }, 'expired at 2026-11-23T12:00:00.000Z'],
    [
      'a failed one',
      { status: 'failed', reason: 'the vault was not listed' },
      'is failed (the vault was not listed)',
    ],
  ])('%s: passed over by moment, refused by id', async (_what, fields, why) => {
    expect(await chosen({ allowPartial: true, at: sealed(second) }, with_(second, fields))).toBe(first);
    expect(await refusal({ recoveryPoint: second, allowPartial: true }, with_(second, fields))).toMatchObject(
      {
        code: 'invalid',
        message: expect.stringContaining(why),
      },
    );
  });

  test('one whose run id lies after the time it was written, and it is loud', async () => {
    const changed = with_(second, {}, new Date('2026-11-22T03:00:00Z'));
    expect(await chosen({}, changed)).toBe(first);
    expect(changed.events.map(({ name }) => name)).toContain('point.ignored');
  });

  test('one of a format that this version does not know', async () => {
    expect(await refusal({}, with_(second, { format: 2 }))).toMatchObject({
      message: expect.stringContaining('format 2 is not known'),
    });
  });
});

describe('a partial point', () => {
  test('the answer says what it lacks', async () => {
    const { lacks, point } = await world().request({ allowPartial: true });
    expect(lacks).toEqual(['secrets/old: forbidden: refused. Ask']);
    expect(point).toMatchObject({ runId: third, status: 'partial', region: 'westeurope' });
  });

  test('also a kind that could not be listed', async () => {
    const blind = await backedUp((world) => {
      seedSource(world);
      world.vault.errors.set('list key', () => new BackupError('forbidden', 'refused'));
    });
    const { lacks } = await createRestoreWorld(blind).request({ allowPartial: true });
    expect(lacks).toEqual([expect.stringContaining('all objects of kind key: not listed (refused')]);
  });

  test('what it lacks cannot be asked for', async () => {
    expect(await refusal({ allowPartial: true, objects: ['secrets/old'] })).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('which is failed in the recovery point (forbidden: refused. Ask)'),
      hint: expect.stringContaining(`/recovery-points/${third}/objects`),
    });
  });

  test('a complete one lacks nothing', async () => {
    expect((await world().request()).lacks).toEqual([]);
  });
});
