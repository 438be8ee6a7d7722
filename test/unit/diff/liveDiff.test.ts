/** Comparisons with a live vault: what a source and a secondary show, trouble, and a process that dies at any write. */
import { describe, expect, test } from 'vitest';
import { advanceDiff } from '../../../shared/diff/advanceDiff.ts';
import { handlePoisonedDiff } from '../../../shared/diff/requestDiff.ts';
import { BackupError } from '../../../shared/domain/errors.ts';
import type { DiffDetail } from '../../../shared/domain/liveDiff.ts';
import { createDiffWorld, type DiffWorld } from '../../fakes/diffWorld.ts';
import { openBlob } from '../../fakes/fakeBlob.ts';
import { type FakeTarget, fakeTarget } from '../../fakes/fakeTarget.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { everything, night } from '../../fakes/versionsWorld.ts';
import { createWorld, runId, type World } from '../../fakes/world.ts';

/** A source whose versions are known, and a secondary that was restored from its point. */
async function restored(): Promise<{ source: World; target: FakeTarget; diffs: DiffWorld }> {
  const source = everything(seeded(createWorld()));
  for (let n = 0; n < 3; n += 1) source.vault.put('secret', 'db-password');
  await night(source);
  const target = fakeTarget(source.clock);
  for (const { kind, blob } of source.lines(runId)) {
    const content = openBlob(kind, source.backups.blobs.get(blob ?? '')?.bytes ?? new Uint8Array());
    if (content) target.shelf.place(content, content.versions);
  }
  const diffs = createDiffWorld(source, { role: 'target', name: 'contoso-dr', vault: target });
  return { source, target, diffs };
}
const told = ({ objects }: DiffDetail) =>
  objects.map(({ object, change, versions }) => [
    object,
    change,
    versions?.verdict ?? null,
    versions?.missing ?? null,
  ]);

describe('against a secondary', () => {
  test('that was just restored nothing differs, versions included', async () => {
    const { diffs } = await restored();
    const detail = await diffs.compare();
    expect(detail).toMatchObject({
      status: 'complete',
      recoveryPoint: runId,
      objects: [],
      counts: { appeared: 0, changed: 0, disappeared: 0, unchanged: 7, versions: { same: 5 } },
      requests: 3 + 5,
    });
  });

  test('shows versions that it lacks and cannot be given, what is missing there, and what is only there', async () => {
    const { source, target, diffs } = await restored();
    source.vault.put('secret', 'db-password', { updated: 1_763_700_000 });
    source.vault.put('secret', 'db-password', { updated: 1_763_700_001 });
    source.vault.put('secret', 'new');
    await night(source, 1);
    target.put('secret', 'local');
    const detail = await diffs.compare();
    expect(told(detail)).toEqual([
      ['secrets/db-password', 'changed', 'behind', 2],
      ['secrets/local', 'appeared', null, null],
      ['secrets/new', 'disappeared', null, null],
    ]);
    expect(detail.objects[0]?.versions).toMatchObject({
      inPoint: 6,
      live: 4,
      why: expect.stringContaining('replace it'),
    });
    expect(JSON.stringify(detail)).not.toContain('value');
    const page = await diffs.detail(detail.id, 2);
    expect(page.next).toBe('secrets/local');
    expect((await diffs.detail(detail.id, 2, page.next ?? '')).objects).toHaveLength(1);
  });

  test('says unknown where the point does not know the versions, never equal', async () => {
    const source = seeded(createWorld());
    await night(source);
    const target = fakeTarget(source.clock);
    const unseen = source.lines(runId).filter(({ versions, blob }) => versions === null && blob !== null);
    for (const { kind, blob } of source.lines(runId)) {
      const content = openBlob(kind, source.backups.blobs.get(blob ?? '')?.bytes ?? new Uint8Array());
      if (content) target.shelf.place(content, content.versions);
    }
    const detail = await createDiffWorld(source, { role: 'target', name: 'dr', vault: target }).compare();
    expect(unseen.length).toBeGreaterThan(2);
    expect(detail.counts?.versions).toEqual({
      unknown: unseen.length,
      ...(unseen.length < 5 ? { same: 5 - unseen.length } : {}),
    });
    expect(detail.objects.map(({ change, versions }) => [change, versions?.verdict])).toEqual(
      unseen.map(() => [null, 'unknown']),
    );
  });

  test('names a kind that may not be listed, and versions that may not', async () => {
    const { target, diffs } = await restored();
    target.errors.set('list key', () => new BackupError('forbidden', 'refused', { hint: 'Assign a role' }));
    target.errors.set('versions secrets/old', () => new BackupError('forbidden', 'refused'));
    const detail = await diffs.compare();
    expect(detail).toMatchObject({
      status: 'complete',
      unknown: [{ kind: 'key', reason: 'refused. Assign a role' }],
    });
    expect(detail.objects.filter(({ object }) => object.startsWith('keys/'))).toEqual([]);
    expect(told(detail)).toContainEqual(['secrets/old', null, 'unknown', null]);
  });
});

describe('against the source itself', () => {
  test('shows what changed since, by three listings and no more', async () => {
    const source = seeded(createWorld());
    await night(source);
    source.vault.put('secret', 'fresh');
    source.vault.remove('secret', 'old');
    source.vault.made.length = 0;
    const diffs = createDiffWorld(source, { role: 'source', name: 'contoso', vault: source.vault });
    const detail = await diffs.compare();
    expect(told(detail)).toEqual([
      ['secrets/fresh', 'appeared', null, null],
      ['secrets/old', 'disappeared', null, null],
    ]);
    expect(source.vault.made).toEqual(['list secret', 'list key', 'list certificate']);
    expect(detail).toMatchObject({ requests: 3, counts: { unchanged: 6, versions: {} } });
  });

  test('leaves the record of a run beside it alone', async () => {
    const source = seeded(createWorld());
    await night(source);
    source.vault.meter.take();
    await createDiffWorld(source, { role: 'source', name: 'contoso', vault: source.vault }).compare();
    expect(source.vault.meter.take().vault).toBe(0);
  });
});

describe('trouble', () => {
  test.each(['unreachable', 'throttled'] as const)('a vault that is %s is waited for', async (code) => {
    const { target, diffs } = await restored();
    let refusals = 3;
    target.beforeCall = () => {
      if (refusals-- > 0) throw new BackupError(code, 'not now');
    };
    expect(await diffs.compare()).toMatchObject({ status: 'complete', objects: [] });
  });

  test('a vault that stays away ends it as failed, with the reason', async () => {
    const { target, diffs } = await restored();
    target.errors.set('*', () => new BackupError('unreachable', 'no connection', { hint: 'Check DNS' }));
    expect(await diffs.compare()).toMatchObject({
      status: 'failed',
      reason: 'no connection. Check DNS',
      objects: [],
    });
  });

  test('a point that was replaced is not compared', async () => {
    const { source, diffs } = await restored();
    const { id } = await diffs.request();
    const name = `contoso/recovery-points/${runId}.json`;
    const stored = source.backups.blobs.get(name);
    if (stored)
      source.backups.blobs.set(name, {
        ...stored,
        bytes: Buffer.from(`${Buffer.from(stored.bytes).toString()} `),
      });
    await diffs.drain();
    expect(await diffs.detail(id)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('not the one that was chosen'),
    });
  });

  test('the queue of the other role does not take it up', async () => {
    const { diffs } = await restored();
    const { id } = await diffs.request();
    expect(await advanceDiff({ type: 'advanceDiff', id, vault: 'contoso-dr' }, 'source', diffs.deps)).toBe(
      'nothingToDo',
    );
  });

  test('a poisoned message is sent again while it goes on, and dropped after', async () => {
    const { diffs } = await restored();
    const { id } = await diffs.request();
    const job = { type: 'advanceDiff', id, vault: 'contoso-dr' } as const;
    expect(await handlePoisonedDiff(job, diffs.deps)).toBe('sentAgain');
    await diffs.drain();
    expect(await handlePoisonedDiff(job, diffs.deps)).toBe('dropped');
  });

  test('every message doubled changes nothing', async () => {
    const { diffs } = await restored();
    const { send } = diffs.queue;
    diffs.queue.send = async (message, options = {}) => {
      await send(message, { ...options, delaySeconds: (options.delaySeconds ?? 0) + 7 });
      await send(message, options);
    };
    expect(await diffs.compare()).toMatchObject({
      status: 'complete',
      objects: [],
      counts: { versions: { same: 5 } },
    });
  });
});

async function writesOfAll(): Promise<number> {
  const { diffs } = await restored();
  await diffs.compare();
  return diffs.writes();
}
const writes = await writesOfAll();
const moments = Array.from({ length: writes - 3 }, (_, n) => n + 4).flatMap((n) => [
  { n, when: 'before' as const },
  { n, when: 'after' as const },
]);

describe('a crash', () => {
  test('has moments to happen at', () => expect(moments.length).toBeGreaterThan(5));

  test.each(moments)('at write $n, $when it takes effect, costs time only', async ({ n, when }) => {
    const { diffs } = await restored();
    diffs.crashAtWrite(n, when);
    expect(await diffs.compare()).toMatchObject({
      status: 'complete',
      objects: [],
      counts: { versions: { same: 5 } },
    });
  });

  test('a lost message is made good by the one at the deadline, which ends it', async () => {
    const { diffs } = await restored();
    const { id } = await diffs.request();
    for (const [key, { text }] of diffs.queue.messages)
      if ([...diffs.queue.messages.keys()].at(-1) === key && text) diffs.queue.messages.delete(key);
    await diffs.drain();
    expect(await diffs.detail(id)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('notReached'),
    });
  });
});
