/**
 * The process dies around any write to storage or queue, and the portable copies of the point still come to the end that
 * they would have had: one seal, every object of the point once, every copy whole and open to its recipient. The app
 * looks for work every five minutes; what it looks at then must not hurt what is under way.
 */
import { describe, expect, test } from 'vitest';
import { objectKey, sha256Hex } from '../../../shared/domain/objects.ts';
import { hasCopy, type PortableLine } from '../../../shared/domain/portablePoint.ts';
import { copyObject } from '../../../shared/portable/copyObject.ts';
import { portableSealStep } from '../../../shared/portable/portableSealStep.ts';
import { openPortable } from '../../../shared/restore/openPortable.ts';
import type { CrashMoment } from '../../fakes/crashes.ts';
import { valueOf } from '../../fakes/fakeReadable.ts';
import { createPortableWorld, type PortableWorld, recipients } from '../../fakes/portableWorld.ts';
import { backedUp } from '../../fakes/restoreWorld.ts';
import { runId, vaultName } from '../../fakes/world.ts';

const expected = {
  'certificates/www': 'stored',
  'keys/signing': 'notExportable',
  'secrets/db-password': 'stored',
  'secrets/locked': 'disabled',
  'secrets/lost': 'failed',
  'secrets/www': 'skipped',
};

async function furnished(): Promise<PortableWorld> {
  const source = await backedUp(({ vault }) => {
    for (let version = 0; version < 3; version += 1) vault.put('secret', 'db-password');
    vault.put('secret', 'locked', { enabled: false });
    vault.put('secret', 'lost');
    vault.put('key', 'signing');
    vault.put('certificate', 'www', { x5t: 'the-thumbprint' });
    vault.put('secret', 'www', { managed: true });
  });
  source.vault.errors.set('secrets/lost', () => new Error('cannot be had'));
  return createPortableWorld(source);
}

const open = (line: PortableLine, { source: { backups } }: PortableWorld) =>
  openPortable(line, { backups, recipients });

/** What an independent reader finds in the container. */
async function expectSound(world: PortableWorld): Promise<void> {
  const point = world.point();
  expect(point?.status).toBe('partial');
  if (!point) return;
  const lines = world.lines();
  expect(lines.map(objectKey).toSorted()).toEqual(Object.keys(expected));
  expect(Object.fromEntries(lines.map((line) => [objectKey(line), line.outcome]))).toEqual(expected);
  expect(point.counts).toEqual({ stored: 2, notExportable: 1, disabled: 1, failed: 1, skipped: 1 });
  for (const line of lines.filter(hasCopy)) {
    const stored = world.source.backups.blobs.get(line.blob);
    expect([stored?.bytes.length, sha256Hex(stored?.bytes ?? '')]).toEqual([line.size, line.sha256]);
    const { versions } = await open(line, world);
    expect(versions.map(({ value }) => value)).toEqual(
      versions.map(({ version, x5t }) => valueOf(line.name, version, x5t)),
    );
    expect(versions).toHaveLength(line.versions ?? 0);
  }
  expect(lines.find(({ name }) => name === 'db-password')?.versions).toBe(3);
  // Nothing lies beside: each object has one copy at most, and there is one index and one seal.
  const written = [...world.source.backups.blobs.keys()].filter((name) => name.includes('/portable/'));
  expect(written).toHaveLength(4);
  // The message at the deadline, after four hours, would come too late to count.
  expect(Date.parse(point.sealedAt) - Date.parse(point.startedAt)).toBeLessThan(60 * 60_000);
  expect(world.copying()?.step).toBe('ended');
  expect(world.queue.messages.size).toBe(0);
}

const whole = await furnished();
await whole.copyAll();
const total = whole.writes();
const moments = Array.from({ length: total }, (_, index) => index + 1).flatMap((n) =>
  (['before', 'after'] as const).map((when): { n: number; when: CrashMoment } => ({ n, when })),
);

describe('a crash at any write', () => {
  test('there are writes to crash at, and without a crash all is well', async () => {
    expect(total).toBeGreaterThan(20);
    await expectSound(whole);
  });

  test.each(moments)('write $n, $when it takes effect', async ({ n, when }) => {
    const world = await furnished();
    world.crashAtWrite(n, when);
    await world.copyAll();
    await expectSound(world);
  });
});

describe('crossed deliveries', () => {
  test('every message twice, in reverse order', async () => {
    const world = await furnished();
    const send = world.queue.send;
    world.queue.send = async (message, options = {}) => {
      await send(message, { ...options, delaySeconds: (options.delaySeconds ?? 0) + 7 });
      await send(message, options);
    };
    await world.copyAll();
    await expectSound(world);
  });

  test('two jobs of one object at once: the copy of the first counts for both', async () => {
    const world = await furnished();
    const create = world.deps.backups.create;
    let other: string | null = null;
    const deps = {
      ...world.deps,
      backups: {
        ...world.deps.backups,
        create: async (...args: Parameters<typeof create>) => {
          other ??= await copyObject(delivery, world.deps);
          return create(...args);
        },
      },
    };
    const job = {
      type: 'copyObject' as const,
      vault: vaultName,
      runId,
      work: { kind: 'secret' as const, name: 'db-password', again: null },
    };
    const delivery = { message: { v: 1 as const, job, notAfter: null, attempt: 0 }, job, last: false };
    await world.look();
    await world.stepUntil(async () => world.copying()?.planId !== null);
    expect([await copyObject(delivery, deps), other]).toEqual(['stored', 'stored']);
    await world.copyAll();
    await expectSound(world);
  });

  test('two sealers: the seal of the first counts, and both tell the same', async () => {
    const world = await furnished();
    await world.look();
    await world.stepUntil(async () => world.copying()?.step === 'settle');
    const state = world.copying();
    if (!state) throw new Error('there is no state');
    const other = { ...state, reason: 'another sealer' };
    await Promise.all([portableSealStep(state, world.deps), portableSealStep(other, world.deps)]);
    const told = world.events.filter(({ name }) => name.startsWith('portable.'));
    expect(told).toHaveLength(2);
    expect(told[0]).toEqual(told[1]);
    expect(told[0]?.fields['reason']).toBe(world.point()?.reason);
  });
});
