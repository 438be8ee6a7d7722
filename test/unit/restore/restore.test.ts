/** A restore as a whole: what ends up in the target, what is told and audited, what a dry run does not do. */
import { describe, expect, test } from 'vitest';
import { advanceRestore } from '../../../shared/restore/advanceRestore.ts';
import { restoreObject } from '../../../shared/restore/restoreObject.ts';
import { listRestores, restoreDetail } from '../../../shared/restore/restoreStatus.ts';
import { pictureOf, pictureOfPoint } from '../../fakes/restoreTruth.ts';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';
import { runId } from '../../fakes/world.ts';

const source = await backedUp();
const point = pictureOfPoint(source);
const everything = [...point.keys()].toSorted();

describe('into an empty vault', () => {
  test('everything comes back as it was, all versions, ids and times', async () => {
    const world = createRestoreWorld(source);
    const detail = await world.restore();
    expect(pictureOf(world)).toEqual(point);
    expect(detail).toMatchObject({
      status: 'complete',
      reason: null,
      counts: { restored: 4 },
      bytes: source.point()?.bytes,
      recoveryPoint: runId,
      lacks: [],
      requests: { vault: world.target.made.length, throttled: 0 },
      requestedBy: { name: 'operator', address: '192.0.2.7' },
    });
    expect(detail.objects.find(({ object }) => object === 'keys/signing')).toMatchObject({
      action: 'restore',
      outcome: 'restored',
      version: 'a'.repeat(32),
    });
  });

  test('a certificate brings its managed key and secret', async () => {
    const world = createRestoreWorld(source);
    await world.restore({ objects: ['certificates/www'] });
    expect(
      (['key', 'secret'] as const).map((kind) => world.target.shelf.get({ kind, name: 'www' })?.managed),
    ).toEqual([true, true]);
  });

  test('the state container and the source vault may be gone: the recovery point is all it needs', async () => {
    const world = createRestoreWorld(source);
    world.state.blobs.clear();
    source.state.blobs.clear();
    expect((await world.restore()).status).toBe('complete');
  });

  test('one vault call per object, and three for the policy of a key', async () => {
    const world = createRestoreWorld(source);
    await world.restore();
    const afterLists = world.target.made.filter((call) => !call.startsWith('list'));
    expect(afterLists).toHaveLength(everything.length + 3);
  });

  test('a policy that the service would not take is no silent success', async () => {
    const world = createRestoreWorld(source);
    world.target.calls.setRotationPolicy = async () => {};
    world.deps.targetOf = () => world.target;
    const { objects, status } = await world.restore({ objects: ['keys/*'] });
    expect([status, objects[0]?.outcome, objects[0]?.reason]).toEqual([
      'failed',
      'differs',
      'it is there, but differs from the recovery point in rotation policy',
    ]);
  });

  test.each<[string, string[], string[]]>([
    ['a name', ['secrets/db-password'], ['secrets/db-password']],
    ['a kind and a name', ['keys/*', 'api-key'], ['keys/signing', 'secrets/api-key']],
  ])('only what is asked for: %s', async (_what, objects, expected) => {
    const world = createRestoreWorld(source);
    await world.restore({ objects });
    expect([...pictureOf(world).keys()].toSorted()).toEqual(expected);
  });
});

describe('a dry run', () => {
  test('ends with the plan and changes nothing', async () => {
    const world = createRestoreWorld(source);
    world.target.put('secret', 'db-password');
    world.target.put('key', 'signing');
    world.target.softDelete('key', 'signing');
    const before = pictureOf(world);
    const detail = await world.restore({ dryRun: true, onConflict: 'replace' });
    expect(detail).toMatchObject({ status: 'planned', step: 'ended', dryRun: true, counts: null });
    expect(Object.fromEntries(detail.objects.map(({ object, action }) => [object, action]))).toEqual({
      'certificates/www': 'restore',
      'secrets/api-key': 'restore',
      'secrets/db-password': 'replace',
      'keys/signing': 'replace',
    });
    expect(detail.objects.every(({ why, outcome }) => why !== '' && outcome === undefined)).toBe(true);
    expect([world.target.writes(), world.audit.blobs.size, world.safety.blobs.size]).toEqual([0, 0, 0]);
    expect(pictureOf(world)).toEqual(before);
    expect(world.target.made.every((call) => call.startsWith('list'))).toBe(true);
  });
});

describe('what is shown', () => {
  test('a restore on its way: its step, and what has come back so far', async () => {
    const world = createRestoreWorld(source);
    const { id } = await world.request();
    expect(await world.detail(id)).toMatchObject({
      status: 'running',
      step: 'plan',
      objects: [],
      endedAt: null,
    });
    await world.stepUntil(async () => (await world.detail(id)).step === 'settle');
    expect(
      (await world.detail(id)).objects.filter(({ outcome }) => outcome === 'restored').length,
    ).toBeGreaterThan(0);
  });

  test('all of them, the newest first', async () => {
    const world = createRestoreWorld(source);
    const first = await world.restore({ dryRun: true });
    const second = await world.restore();
    expect((await listRestores(world.deps)).map(({ id, status }) => [id, status])).toEqual([
      [second.id, 'complete'],
      [first.id, 'planned'],
    ]);
  });

  test('an unknown one is nothing', async () => {
    expect(await restoreDetail('20261122T020000Z-000000000000', createRestoreWorld(source).deps)).toBeNull();
  });

  test.each(['complete', 'partial', 'failed'] as const)('the end of a %s one is an event', async (status) => {
    const world = createRestoreWorld(source);
    if (status !== 'complete') world.target.put('secret', 'db-password');
    const objects = status === 'failed' ? ['secrets/db-password'] : ['secrets/*'];
    expect((await world.restore({ objects })).status).toBe(status);
    expect(world.events.map(({ name }) => name)).toContain(`restore.${status}`);
  });
});

describe('messages without a restore', () => {
  const stray = { type: 'advanceRestore', id: '20261122T020000Z-000000000000' } as const;

  test('are dropped without a call', async () => {
    const world = createRestoreWorld(source);
    expect(await advanceRestore(stray, world.deps)).toBe('nothingToDo');
    expect([world.target.made.length, world.writes()]).toEqual([0, 0]);
  });

  test.each(['skip', 'conflict', 'blocked'] as const)(
    'and one to %s an object calls no vault',
    async (action) => {
      const world: RestoreWorld = createRestoreWorld(source);
      const [line] = source.lines();
      if (!line) throw new Error('the point has no objects');
      const job = {
        type: 'restoreObject' as const,
        id: stray.id,
        target: 'contoso-dr',
        planned: { action, why: '', line },
      };
      const message = { v: 1 as const, job, notAfter: null, attempt: 0 };
      expect(await restoreObject({ message, job, last: false }, world.deps)).toBe('alreadyDone');
      expect(world.target.made).toEqual([]);
    },
  );
});
