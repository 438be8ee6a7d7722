/**
 * The copies of a recovery point from the first look to the seal: what is waited for, what is given up and named, and
 * what becomes of copies over the days.
 */
import { describe, expect, test } from 'vitest';
import { portablePointName } from '../../../shared/domain/blobNames.ts';
import { BackupError } from '../../../shared/domain/errors.ts';
import { describeTags, objectKey } from '../../../shared/domain/objects.ts';
import type { PortableLine } from '../../../shared/domain/portablePoint.ts';
import { handlePortablePoisoned } from '../../../shared/portable/portablePoisoned.ts';
import { openPortable } from '../../../shared/restore/openPortable.ts';
import { valueOf } from '../../fakes/fakeReadable.ts';
import { createPortableWorld, type PortableWorld, recipients } from '../../fakes/portableWorld.ts';
import { backedUp, createRestoreWorld } from '../../fakes/restoreWorld.ts';
import { runId, vaultName } from '../../fakes/world.ts';

const names = ['one', 'two', 'three', 'four'];
async function furnished(): Promise<PortableWorld> {
  const source = await backedUp(({ vault }) => names.forEach((name) => vault.put('secret', name)));
  return createPortableWorld(source);
}
/** A run of the backup app on that day of November 2026, at two, then its copies. */
async function nightOf(day: number, { source, copyAll }: PortableWorld): Promise<string> {
  source.clock.set(new Date(Date.UTC(2026, 10, day, 2)));
  await source.fireTimer();
  await source.drain();
  await copyAll();
  return `202611${String(day).padStart(2, '0')}T020000Z`;
}
const outcomes = (lines: readonly PortableLine[]) =>
  Object.fromEntries(lines.map((line) => [line.name, line.outcome]));
const lineOf = (world: PortableWorld, name: string, id: string = runId): PortableLine => {
  const found = world.lines(id).find((line) => line.name === name);
  if (!found) throw new Error(`there is no line of ${name} in ${id}`);
  return found;
};
const valuesOf = async (line: PortableLine, { source: { backups } }: PortableWorld) =>
  (await openPortable(line, { backups, recipients })).versions.map(({ value }) => value);
const all = (outcome: string) => Object.fromEntries(names.map((name) => [name, outcome]));

describe('trouble', () => {
  test('an outage of the vault is waited for: nothing fails over it', async () => {
    const world = await furnished();
    const { vault, clock } = world.source;
    const until = clock.now().getTime() + 45 * 60_000;
    for (const key of names.map((name) => objectKey({ kind: 'secret', name })))
      vault.errors.set(key, () => new BackupError('unreachable', 'no answer'));
    vault.beforeCall = () => {
      if (clock.now().getTime() >= until) vault.errors.clear();
    };
    await world.copyAll();
    expect(outcomes(world.lines())).toEqual(all('stored'));
    expect(world.events.map(({ name }) => name)).toContain('vault.unreachable');
    expect(world.point()).toMatchObject({ status: 'complete' });
  });

  test('at the deadline it is sealed with what is missing named', async () => {
    const world = await furnished();
    for (const name of ['two', 'three', 'four'])
      world.source.vault.errors.set(`secrets/${name}`, () => new BackupError('unreachable', 'no answer'));
    await world.copyAll();
    expect(outcomes(world.lines())).toEqual({ ...all('failed'), one: 'stored' });
    expect(lineOf(world, 'two').reason).toMatch(/^notReached: /);
    expect(world.point()).toMatchObject({ status: 'partial', reason: '3 of 4 objects have no copy' });
    const { startedAt, sealedAt } = world.point() ?? { startedAt: '', sealedAt: '' };
    expect((Date.parse(sealedAt) - Date.parse(startedAt)) / 60_000).toBeCloseTo(240, -1);
  });

  test('an object whose job kills every worker is a recorded failure, and the others are copied', async () => {
    const world = await furnished();
    await world.look();
    await world.stepUntil(async () => world.copying()?.planId !== null);
    const job = {
      type: 'copyObject' as const,
      vault: vaultName,
      runId,
      work: { kind: 'secret' as const, name: 'one', again: null },
    };
    const poisoned = { v: 1 as const, job, notAfter: null, attempt: 0 };
    expect(await handlePortablePoisoned(poisoned, world.deps)).toBe('recorded');
    await world.copyAll();
    expect(outcomes(world.lines())).toEqual({ ...all('stored'), one: 'failed' });
    expect(lineOf(world, 'one').reason).toMatch(/^internal: its job failed on every delivery/);
    expect(await handlePortablePoisoned(poisoned, world.deps)).toBe('dropped');
  });

  test('a message of the run itself that was poisoned is sent again', async () => {
    const world = await furnished();
    await world.look();
    world.queue.messages.clear();
    const job = { type: 'advancePortable' as const, vault: vaultName, runId };
    const message = { v: 1 as const, job, notAfter: null, attempt: 0 };
    expect(await handlePortablePoisoned(message, world.deps)).toBe('sentAgain');
    await world.drain();
    expect(world.point()).toMatchObject({ status: 'complete' });
  });

  test('a recovery point that is not what it was any more is not copied', async () => {
    const world = await furnished();
    await world.look();
    const { blobs } = world.source.backups;
    const [name = '', stored] = [...blobs].find(([blob]) => blob.includes('/recovery-points/')) ?? [];
    if (!stored) throw new Error('there is no point');
    blobs.set(name, { ...stored, bytes: Buffer.from(`${Buffer.from(stored.bytes).toString()} `) });
    await world.drain();
    expect(world.point()).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^corruptBlob: the recovery point .* is not what it was/),
    });
  });
});

test('a seal that is nobody’s of ours is told, and not waited for', async () => {
  const world = await furnished();
  await world.look();
  const bytes = Buffer.from('{}');
  await world.source.backups.create(portablePointName(vaultName, runId), {
    bytes,
    contentType: 'application/json',
  });
  await world.drain();
  expect(world.events).toContainEqual({
    name: 'seal.conflict',
    fields: {
      vault: vaultName,
      runId,
      reason: expect.stringMatching(/seal of portable copies cannot be read/),
    },
  });
  expect(world.copying()?.step).toBe('ended');
  expect(world.errors).toEqual([]);
});

describe('over the days', () => {
  test('what did not change is carried, until storage would let it go; then it is copied anew', async () => {
    const world = await furnished();
    await world.copyAll();
    const next = await nightOf(23, world);
    expect(outcomes(world.lines(next))).toEqual(all('carried'));
    expect(lineOf(world, 'one', next).blob).toBe(lineOf(world, 'one').blob);
    const later = await nightOf(30, world);
    expect(outcomes(world.lines(later))).toEqual(all('stored'));
    expect(lineOf(world, 'one', later).blob).not.toBe(lineOf(world, 'one').blob);
  });

  test('a secret that nobody can read any more is stored again from its copy, which still opens', async () => {
    const world = await furnished();
    await world.copyAll();
    const [value] = await valuesOf(lineOf(world, 'one'), world);
    const held = world.source.vault.objects.get('secrets/one');
    if (!held) throw new Error('there is no secret');
    const updated = Date.UTC(2026, 10, 22, 12) / 1000;
    world.source.vault.objects.set('secrets/one', { ...held, enabled: false, updated });
    const next = await nightOf(23, world);
    expect(lineOf(world, 'one', next)).toMatchObject({ outcome: 'carried', enabled: false, runId });
    const later = await nightOf(30, world);
    const again = lineOf(world, 'one', later);
    expect(again).toMatchObject({ outcome: 'carried', enabled: false, runId });
    expect(again.blob).toContain(later);
    world.source.backups.blobs.delete(lineOf(world, 'one').blob ?? '');
    expect(await valuesOf(again, world)).toEqual([value]);
    expect(value).toContain(valueOf('one', again.currentVersion ?? ''));
  });

  test('if that copy is gone or was altered, it says so instead of storing something else', async () => {
    const world = await furnished();
    await world.copyAll();
    const held = world.source.vault.objects.get('secrets/one');
    if (!held) throw new Error('there is no secret');
    world.source.vault.objects.set('secrets/one', { ...held, enabled: false });
    world.source.backups.blobs.delete(lineOf(world, 'one').blob ?? '');
    const later = await nightOf(30, world);
    expect(lineOf(world, 'one', later)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^corruptBlob: .*missing or was altered.*Enable the secret/),
    });
  });

  test('restored, it is disabled and has its new content type; tags that were changed meanwhile are told', async () => {
    const world = await furnished();
    await world.copyAll();
    const { vault } = world.source;
    const disabled = { enabled: false, updated: Date.UTC(2026, 10, 22, 12) / 1000 };
    for (const [name, change] of [
      ['one', { contentType: 'application/json' }],
      ['two', describeTags({ team: 'another' })],
    ] as const) {
      const held = vault.objects.get(`secrets/${name}`);
      if (held) vault.objects.set(`secrets/${name}`, { ...held, ...disabled, ...change });
    }
    await nightOf(23, world);
    const target = createRestoreWorld(world.source, { portable: true });
    const { objects } = await target.restore({ mode: 'portable', objects: ['secrets/one', 'secrets/two'] });
    expect(objects).toMatchObject([
      { object: 'secrets/one', outcome: 'restored' },
      {
        object: 'secrets/two',
        outcome: 'differs',
        reason: expect.stringMatching(/tags are those of the copy/),
      },
    ]);
    expect(target.target.shelf.get({ kind: 'secret', name: 'one' })?.versions).toMatchObject([
      { enabled: false, contentType: 'application/json' },
    ]);
  });
});
