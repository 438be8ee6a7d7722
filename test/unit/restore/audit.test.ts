/** The records that a restore leaves in immutable storage, and what becomes of it where they cannot be written. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { pictureOfPoint } from '../../fakes/restoreTruth.ts';
import { backedUp, createRestoreWorld, outcomesOf } from '../../fakes/restoreWorld.ts';
import { runId } from '../../fakes/world.ts';

const source = await backedUp();
const everything = [...pictureOfPoint(source).keys()].toSorted();

describe('the audit', () => {
  test('says who, what, where from and why before the first change, and what came of it at the end', async () => {
    const world = createRestoreWorld(source);
    let firstChange: string[] | null = null;
    world.target.beforeCall = (operation) => {
      if (operation.startsWith('restore')) firstChange ??= [...world.audit.blobs.keys()];
    };
    const { id } = await world.restore({ reason: 'INC-4711 accidental purge' });
    expect(firstChange).toEqual([`restores/${id}/started.json`]);
    const facts = {
      format: 1,
      id,
      caller: { name: 'operator', id: null, address: '192.0.2.7' },
      request: { vault: 'contoso', target: 'contoso-dr', reason: 'INC-4711 accidental purge' },
      point: { runId, status: 'complete' },
    };
    expect(world.audited(id, 'started')).toMatchObject({
      ...facts,
      objects: expect.arrayContaining([
        { object: 'keys/signing', action: 'restore', why: 'the name is free', sha256: expect.any(String) },
      ]),
    });
    expect(world.audited(id, 'ended')).toMatchObject({
      ...facts,
      status: 'complete',
      counts: { restored: 4 },
      objects: expect.arrayContaining([
        {
          object: 'keys/signing',
          outcome: 'restored',
          reason: null,
          version: 'a'.repeat(32),
          via: 'native',
        },
      ]),
    });
  });

  test('holds no bytes of a blob', async () => {
    const world = createRestoreWorld(source);
    await world.restore();
    const blobs = [...world.backups.blobs].filter(
      ([name]) => name.includes('/runs/') && name.endsWith('backup'),
    );
    expect(blobs.length).toBe(4);
    const told = [...world.audit.blobs.values(), ...world.state.blobs.values()]
      .map(({ bytes }) => Buffer.from(bytes).toString('latin1'))
      .join();
    for (const [, { bytes }] of blobs)
      expect(told).not.toContain(Buffer.from(bytes).toString('latin1').slice(0, 99));
  });

  test('that cannot be begun: nothing is restored, and why is told', async () => {
    const world = createRestoreWorld(source);
    world.deps.audit.create = () => Promise.reject(new Error('no right to add'));
    const detail = await world.restore();
    expect(detail).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(
        /^nothing was restored, because the audit record cannot be written: no right/,
      ),
    });
    expect(Object.values(outcomesOf(detail))).toEqual(everything.map(() => 'failed'));
    expect(world.target.writes()).toBe(0);
  });

  test('that storage refuses for a while: it is tried again before anything is restored', async () => {
    const world = createRestoreWorld(source);
    const { create } = world.deps.audit;
    const waits: number[] = [];
    world.deps.audit.create = (name, blob) => {
      if (waits.push(world.target.writes()) > 3) return create(name, blob);
      return Promise.reject(new BackupError('unreachable', 'the audit container is full'));
    };
    expect(await world.restore()).toMatchObject({ status: 'complete', reason: null });
    expect(waits.slice(0, 4)).toEqual([0, 0, 0, 0]);
  });

  test('that storage refuses for good: it ends, and nothing was restored', async () => {
    const world = createRestoreWorld(source);
    world.deps.audit.create = () => Promise.reject(new BackupError('unreachable', 'storage is away'));
    expect(await world.restore()).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('storage is away'),
    });
    expect(world.target.writes()).toBe(0);
  });

  test('that cannot be ended is loud, and does not undo the restore', async () => {
    const world = createRestoreWorld(source);
    const { create } = world.deps.audit;
    world.deps.audit.create = (name, blob) =>
      name.endsWith('ended.json') ? Promise.reject(new Error('storage is away')) : create(name, blob);
    expect((await world.restore()).status).toBe('complete');
    expect(world.events).toContainEqual({
      name: 'restore.unaudited',
      fields: expect.objectContaining({ reason: 'storage is away' }),
    });
  });
});
