/** Restore drills: what comes back, what is compared, what is removed again, and where a drill is refused. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { watchDrills } from '../../../shared/drill/startDrills.ts';
import { askForDrill, drill, drillOrder, heldBy, recordOf } from '../../fakes/drills.ts';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';
import { runId } from '../../fakes/world.ts';

const source = await backedUp();
const everything = { sample: 200, canaries: [] };
const eventsOf = ({ events }: RestoreWorld) =>
  events.map(({ name }) => name).filter((name) => name.startsWith('drill.'));
function worldWith(plan: { sample?: number; canaries?: string[] } = everything, options = {}): RestoreWorld {
  const world = createRestoreWorld(source, options);
  if (world.drilling.plan) world.drilling.plan = { ...world.drilling.plan, ...plan };
  return world;
}
const restoresIn = ({ target }: RestoreWorld) => target.made.filter((call) => call.startsWith('restore '));

describe('a drill', () => {
  test('restores, compares, measures, and leaves the scratch vault empty', async () => {
    const world = worldWith();
    const record = await drill(world);
    expect(record).toMatchObject({
      status: 'complete',
      reason: null,
      recoveryPoint: runId,
      objects: 4,
      counts: { restored: 4 },
      failures: [],
      cleaned: true,
    });
    expect(record.rtoSeconds).toBeGreaterThan(0);
    expect(record.rpoSeconds).toBeGreaterThanOrEqual(0);
    expect(heldBy(world)).toEqual([]);
    expect(restoresIn(world)).toHaveLength(4);
    expect(eventsOf(world)).toEqual(['drill.complete']);
  });

  test('takes the canaries and as many others as asked, the same ones when it is repeated', async () => {
    const chosen = async (id: string) => {
      const world = worldWith({ sample: 1, canaries: ['secrets/db-*'] });
      expect(await drill(world, drillOrder(id))).toMatchObject({ status: 'complete', objects: 2 });
      return restoresIn(world).sort();
    };
    const first = await chosen('20261123T040000Z');
    expect(first).toContain('restore secrets/db-password');
    expect(await chosen('20261123T040000Z')).toEqual(first);
    const others = await Promise.all([24, 25, 26, 27, 28, 29].map((day) => chosen(`202611${day}T040000Z`)));
    expect(new Set(others.map(String)).size).toBeGreaterThan(1);
  });

  test('asked for twice with one id is one drill', async () => {
    const world = worldWith();
    await askForDrill(world);
    await drill(world);
    expect(restoresIn(world)).toHaveLength(4);
    await askForDrill(world);
    await world.drain();
    expect(restoresIn(world)).toHaveLength(4);
  });

  test('waits while another has the scratch vault', async () => {
    const world = worldWith();
    await askForDrill(world, drillOrder('20261123T040000Z'));
    await askForDrill(world, drillOrder('20261124T040000Z'));
    await world.drain();
    for (const id of ['20261123T040000Z', '20261124T040000Z'])
      expect(recordOf(world, drillOrder(id))).toMatchObject({ status: 'complete', cleaned: true });
    expect(heldBy(world)).toEqual([]);
  });

  test('names what did not come back as recorded, and removes it all the same', async () => {
    const world = worldWith();
    world.target.errors.set(
      'restore secrets/db-password',
      () => new BackupError('corruptBlob', 'unreadable'),
    );
    const record = await drill(world);
    expect(record).toMatchObject({ status: 'failed', cleaned: true, counts: { restored: 3, failed: 1 } });
    expect(record.failures).toEqual([expect.stringMatching(/^secrets\/db-password: failed \(corruptBlob/)]);
    expect(heldBy(world)).toEqual([]);
    expect(eventsOf(world)).toEqual(['drill.failed']);
  });
});

describe('a drill is refused, and nothing is touched', () => {
  const refused = async (world: RestoreWorld) => {
    const before = heldBy(world);
    const record = await drill(world);
    expect(record).toMatchObject({ status: 'failed', objects: 0 });
    expect(heldBy(world)).toEqual(before);
    expect(world.target.writes()).toBe(0);
    expect(eventsOf(world)).toEqual(['drill.failed']);
    return record.reason;
  };

  test.each(['live', 'deleted'] as const)(
    'where the scratch vault holds something else, %s',
    async (phase) => {
      const world = worldWith();
      world.target.put('secret', 'of-somebody');
      if (phase === 'deleted') world.target.softDelete('secret', 'of-somebody');
      expect(await refused(world)).toMatch(/holds what no drill put there: secrets\/of-somebody/);
    },
  );

  test('where a name of an earlier drill now is somebody else’s object', async () => {
    const world = worldWith();
    await drill(world, drillOrder('20261122T040000Z'));
    world.target.put('secret', 'db-password');
    const writes = world.target.writes();
    const record = await drill(world);
    expect(record.reason).toMatch(/no drill put there: secrets\/db-password/);
    expect(world.target.writes()).toBe(writes);
  });

  test('where purge protection is seen', async () => {
    const world = worldWith(everything, { traits: { recoveryLevel: 'Recoverable' } });
    world.holdAsBackedUp('secret', 'db-password');
    expect(await refused(world)).toMatch(/purge protection/);
  });

  test('where RESTORE_TARGETS does not mark the vault, or the plan has no drill any more', async () => {
    const unmarked = worldWith();
    unmarked.drilling.isScratch = false;
    expect(await refused(unmarked)).toMatch(/RESTORE_TARGETS does not mark/);
    const undrilled = worldWith();
    undrilled.drilling.plan = null;
    expect(await refused(undrilled)).toMatch(/has no drill any more/);
  });

  test('where a canary is not in the recovery point', async () => {
    expect(await refused(worldWith({ sample: 1, canaries: ['secrets/lost'] }))).toMatch(
      /canaries: "secrets\/lost" matches nothing/,
    );
  });

  test('where the scratch vault may not be looked at', async () => {
    const world = worldWith();
    world.target.errors.set(
      'list',
      () => new BackupError('forbidden', 'no right to list', { hint: 'Assign it' }),
    );
    expect(await refused(world)).toMatch(/forbidden: no right to list. Assign it/);
  });
});

test('purge protection that an empty vault does not show is found out with one object, not with all', async () => {
  const world = worldWith(everything, { traits: { recoveryLevel: 'Recoverable' } });
  const record = await drill(world);
  expect(record).toMatchObject({
    status: 'failed',
    cleaned: false,
    reason: expect.stringContaining('purge protection'),
  });
  expect(restoresIn(world)).toHaveLength(1);
  expect(heldBy(world).every((held) => held.endsWith(' deleted'))).toBe(true);
});

test('what an earlier drill left behind is removed first, by its own record', async () => {
  const world = worldWith();
  world.target.errors.set('remove', () => new BackupError('forbidden', 'not now'));
  const first = await drill(world, drillOrder('20261122T040000Z'));
  expect(first).toMatchObject({ status: 'failed', cleaned: false });
  expect(heldBy(world)).not.toEqual([]);
  world.target.errors.clear();
  expect(await drill(world)).toMatchObject({ status: 'complete', cleaned: true, objects: 4 });
  expect(heldBy(world)).toEqual([]);
});

test('a vault that does not answer is waited for', async () => {
  const world = worldWith();
  let left = 5;
  world.target.beforeCall = (operation) => {
    if (operation.startsWith('list') && left-- > 0) throw new BackupError('unreachable', 'no connection');
  };
  expect(await drill(world)).toMatchObject({ status: 'complete', cleaned: true });
});

test('a drill that cannot go on ends at its deadline, as failed', async () => {
  const world = worldWith();
  await askForDrill(world);
  await world.stepUntil(async () => restoresIn(world).length > 0);
  for (const [id, { text }] of world.queue.messages)
    if (text.includes('advanceRestore') || text.includes('restoreObject')) world.queue.messages.delete(id);
  world.target.errors.set('*', () => new BackupError('unreachable', 'no connection'));
  await world.drain();
  const record = recordOf(world);
  expect(record).toMatchObject({ status: 'failed', cleaned: false });
  expect(record?.reason).not.toBeNull();
});

test('a drill whose messages are lost is nudged by the watch', async () => {
  const world = worldWith();
  await askForDrill(world);
  await world.stepUntil(async () => restoresIn(world).length > 0);
  for (const [id, { text }] of world.queue.messages)
    if (text.includes('advanceDrill')) world.queue.messages.delete(id);
  world.clock.advance(3_600_000);
  const { plan: drilled } = world.drilling;
  const plan = { ...source.plan, drill: drilled };
  await watchDrills([plan], world.drillDeps);
  expect(eventsOf(world)).toEqual(['drill.stalled']);
  await world.drain();
  expect(recordOf(world)).toMatchObject({ status: 'complete', cleaned: true });
});

test('a restore of the drill whose messages are lost is asked for again', async () => {
  const world = worldWith();
  await askForDrill(world);
  await world.stepUntil(async () => restoresIn(world).length > 0);
  for (const [id, { text }] of world.queue.messages)
    if (text.includes('advanceRestore') || text.includes('restoreObject')) world.queue.messages.delete(id);
  await world.drain();
  expect(recordOf(world)).toMatchObject({ status: 'complete', cleaned: true });
});

describe('a crash around any write', () => {
  test.each(['before', 'after'] as const)('%s it: the drill ends, complete and clean', async (moment) => {
    const undisturbed = worldWith();
    await drill(undisturbed);
    const writes = undisturbed.writes();
    expect(writes).toBeGreaterThan(20);
    for (let at = 1; at <= writes; at += 1) {
      const world = worldWith();
      await askForDrill(world);
      world.crashAtWrite(at, moment);
      await world.drain();
      expect([at, recordOf(world)?.status, heldBy(world)]).toEqual([at, 'complete', []]);
      expect(recordOf(world)?.objects).toBe(4);
    }
  });
});

test('every message twice: one record, and the scratch vault is empty', async () => {
  const world = worldWith();
  const { send } = world.queue;
  world.drillDeps.queue.send = async (...args) => {
    await send(...args);
    await send(...args);
  };
  await askForDrill(world);
  await askForDrill(world);
  await world.drain();
  expect(recordOf(world)).toMatchObject({ status: 'complete', cleaned: true });
  expect(heldBy(world)).toEqual([]);
  expect(source.lines(runId).some((line) => objectKey(line) === 'secrets/db-password')).toBe(true);
});
