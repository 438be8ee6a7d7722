/** Asking for a restore: refused with what is wrong, taken once per Idempotency-Key, also when the first attempt died. */
import { describe, expect, test } from 'vitest';
import { recoveryPointBlobName } from '../../../shared/domain/blobNames.ts';
import { listRestores } from '../../../shared/restore/restoreStatus.ts';
import { Crash } from '../../fakes/crashes.ts';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';
import { runId, vaultName } from '../../fakes/world.ts';

const source = await backedUp();
const key = 'a-key-of-the-caller';

describe('the same Idempotency-Key', () => {
  test('and body is the same restore, and one restore is made', async () => {
    const world = createRestoreWorld(source);
    const first = await world.request({}, key);
    const again = await world.request({}, key);
    await world.drain();
    const late = await world.request({}, key);
    expect([again.id, late.id]).toEqual([first.id, first.id]);
    expect(late.step).toBe('ended');
    expect(world.target.made.filter((call) => call === 'restore secrets/db-password')).toHaveLength(1);
    expect(world.events.filter(({ name }) => name === 'restore.requested')).toHaveLength(1);
  });

  test('an ended restore is sent no message', async () => {
    const world = createRestoreWorld(source);
    await world.request({}, key);
    await world.drain();
    await world.request({}, key);
    expect(world.queue.messages.size).toBe(0);
  });

  test('and another body is refused by name', async () => {
    const world = createRestoreWorld(source);
    const { id } = await world.request({}, key);
    await expect(world.request({ dryRun: true }, key)).rejects.toMatchObject({
      code: 'conflict',
      message: `Idempotency-Key: it already stands for restore ${id}, which asked for something else`,
    });
    expect(world.queue.sent).toHaveLength(2);
  });

  test('a state that storage refuses although its name is free is told, and asked for again', async () => {
    const world = createRestoreWorld(source);
    const { replace } = world.state;
    world.state.replace = () => Promise.resolve('lost');
    await expect(world.request({}, key)).rejects.toMatchObject({ code: 'unreachable' });
    world.state.replace = replace;
    const { id } = await world.request({}, key);
    await world.drain();
    expect((await world.detail(id)).status).toBe('complete');
  });

  test.each(
    [1, 2, 3, 4].flatMap((n) => [
      { n, when: 'before' as const },
      { n, when: 'after' as const },
    ]),
  )('after a crash $when write $n of the request, it is asked for once', async ({ n, when }) => {
    const world = createRestoreWorld(source);
    world.crashAtWrite(n, when);
    await expect(world.request({}, key)).rejects.toBeInstanceOf(Crash);
    world.survive();
    world.clock.advance(5_000);
    const { id } = await world.request({}, key);
    await world.drain();
    expect((await world.detail(id)).status).toBe('complete');
    expect([...world.state.blobs.keys()].filter((name) => name.startsWith('restores/'))).toHaveLength(1);
    expect(world.target.made.filter((call) => call === 'restore keys/signing')).toHaveLength(1);
  });

  test.each(
    [1, 2, 3, 4].flatMap((n) => [
      { n, when: 'before' as const },
      { n, when: 'after' as const },
    ]),
  )(
    'after a crash $when write $n that nobody asks again after, no restore stands open for ever',
    async ({ n, when }) => {
      const world = createRestoreWorld(source);
      world.crashAtWrite(n, when);
      await expect(world.request({}, key)).rejects.toBeInstanceOf(Crash);
      world.survive();
      await world.drain();
      expect((await listRestores(world.deps)).filter(({ endedAt }) => endedAt === null)).toEqual([]);
    },
  );

  test('no key, no memory: two restores', async () => {
    const world = createRestoreWorld(source);
    expect((await world.request()).id).not.toBe((await world.request()).id);
  });

  test('two keys, two restores', async () => {
    const world = createRestoreWorld(source);
    expect((await world.request({}, key)).id).not.toBe((await world.request({}, `${key}-2`)).id);
  });

  test('the key itself is not stored', async () => {
    const world = createRestoreWorld(source);
    await world.request({}, key);
    const stored = [...world.state.blobs].map(
      ([name, { bytes }]) => name + Buffer.from(bytes).toString('utf8'),
    );
    expect(stored.join()).not.toContain(key);
  });
});

describe('a request that cannot be', () => {
  test('names every pattern that selects nothing, and leaves no trace', async () => {
    const world = createRestoreWorld(source);
    const asked = world.request({ objects: ['secrets/nobody', '**', 'secrets/www'] });
    await expect(asked).rejects.toMatchObject({
      code: 'invalid',
      message:
        'objects: "secrets/nobody" matches nothing in the recovery point; "secrets/www" matches only what a certificate owns; ask for certificates/www, which brings its key and secret',
      hint: expect.stringContaining(`/api/vaults/contoso/recovery-points/${runId}/objects`),
    });
    expect([world.writes(), world.queue.sent.length, world.target.made.length]).toEqual([0, 0, 0]);
  });

  test('an index that was changed is refused before anything else', async () => {
    const world = createRestoreWorld(source);
    const name = source.point()?.index.blob ?? '';
    const blob = world.backups.blobs.get(name);
    if (blob)
      world.backups.blobs.set(name, { ...blob, bytes: Buffer.concat([blob.bytes, Buffer.from(' ')]) });
    await expect(world.request()).rejects.toThrow(/has another digest than the point says/);
    expect(world.writes()).toBe(0);
  });
});

test('nothing here calls a vault', async () => {
  const world = createRestoreWorld(source);
  await world.request();
  expect(world.target.made).toEqual([]);
});

describe('what happens to the recovery point after the request', () => {
  const name = recoveryPointBlobName(vaultName, runId);

  test.each<[string, (world: RestoreWorld) => void]>([
    ['it vanishes', ({ backups }) => void backups.blobs.delete(name)],
    [
      'it is exchanged for another one',
      ({ backups }) => {
        const blob = backups.blobs.get(name);
        if (blob) backups.blobs.set(name, { ...blob, bytes: Buffer.concat([blob.bytes, Buffer.from(' ')]) });
      },
    ],
  ])('%s: nothing is restored, and why is told', async (_what, change) => {
    const world = createRestoreWorld(source);
    const { id } = await world.request();
    change(world);
    await world.drain();
    expect(await world.detail(id)).toMatchObject({
      status: 'failed',
      durationSeconds: 0,
      reason: expect.stringContaining(`${runId} is not the one that was chosen any more`),
    });
    expect([world.target.made, world.audit.blobs.size]).toEqual([[], 0]);
  });
});
