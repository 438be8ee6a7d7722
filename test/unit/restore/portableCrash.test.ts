/**
 * The process dies around any write to storage, queue or target, and a restore by portable copies still ends as if it
 * had not. Versions are made one by one and cannot be taken back: each must come exactly once, in its order, on top of
 * what was there.
 */
import { describe, expect, test } from 'vitest';
import type { ObjectRef } from '../../../shared/domain/objects.ts';
import { Crash, type CrashMoment } from '../../fakes/crashes.ts';
import { valueOf } from '../../fakes/fakeReadable.ts';
import { createPortableWorld } from '../../fakes/portableWorld.ts';
import {
  type Asked,
  backedUp,
  createRestoreWorld,
  outcomesOf,
  type RestoreWorld,
} from '../../fakes/restoreWorld.ts';

const source = await backedUp(({ vault }) => {
  for (const contentType of ['first', 'second', 'third']) vault.put('secret', 'db-password', { contentType });
  for (const contentType of ['before', 'now']) vault.put('secret', 'taken', { contentType });
  vault.put('key', 'signing');
  for (const x5t of ['old-thumbprint', 'new-thumbprint']) vault.put('certificate', 'www', { x5t });
  for (const kind of ['key', 'secret'] as const) vault.put(kind, 'www', { managed: true });
});
const copied = createPortableWorld(source);
await copied.copyAll();

const secretOf = (name: string): ObjectRef => ({ kind: 'secret', name });
const www: ObjectRef = { kind: 'certificate', name: 'www' };
const values = new Map<string, string[]>();
for (const { kind, name } of [secretOf('db-password'), secretOf('taken'), www]) {
  const { versions } = await source.vault.calls.versionsPage({ kind, name }, null);
  const ordered = versions.toSorted((a, b) => (a.created ?? 0) - (b.created ?? 0));
  values.set(
    name,
    ordered.map(({ version, x5t }) => valueOf(name, version, x5t)),
  );
}

interface Way {
  readonly name: string;
  readonly asked: Asked;
  /** What becomes of the key, which has no copy. */
  readonly signing: string;
  readonly geography: 'same' | 'told';
}
const ways: readonly Way[] = [
  { name: 'portable', asked: { mode: 'portable' }, signing: 'blocked', geography: 'same' },
  // Only its first object finds out that the subscription is another one.
  { name: 'auto, into another subscription', asked: { mode: 'auto' }, signing: 'blocked', geography: 'told' },
];

function furnished(geography: Way['geography'], existing = true): RestoreWorld {
  const world = createRestoreWorld(source, { portable: true, traits: { geography } });
  if (existing) world.target.put('secret', 'taken', { contentType: 'of the target' });
  return world;
}

/** The caller asks again with the same key when the answer does not come. */
async function ask(world: RestoreWorld, asked: Asked): Promise<string> {
  const request = { ...asked, onConflict: 'replace' as const };
  try {
    return (await world.request(request, 'the-key-of-the-caller')).id;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    world.survive();
    return (await world.request(request, 'the-key-of-the-caller')).id;
  }
}

async function expectSound(world: RestoreWorld, id: string, { signing }: Pick<Way, 'signing'>) {
  const detail = await world.detail(id);
  expect(outcomesOf(detail)).toEqual({
    'secrets/db-password': 'restored',
    'secrets/taken': 'replaced',
    'certificates/www': 'restored',
    'keys/signing': signing,
  });
  const { target } = world;
  expect(target.valuesOf(secretOf('db-password'))).toEqual(values.get('db-password'));
  expect(target.valuesOf(secretOf('taken'))).toEqual([null, ...(values.get('taken') ?? [])]);
  expect(target.valuesOf(www)).toEqual(values.get('www'));
  expect(target.shelf.get(www)?.versions.map(({ x5t }) => x5t)).toEqual(['old-thumbprint', 'new-thumbprint']);
  expect(detail).toMatchObject({ step: 'ended', status: 'partial' });
  expect(world.audited(id, 'ended')).toMatchObject({ counts: detail.counts });
  // Only the message at the deadline would come as late as that.
  expect(detail.durationSeconds).toBeLessThan(60 * 60);
  expect(world.queue.messages.size).toBe(0);
}

const tried = await Promise.all(
  ways.map(async (way) => {
    const world = furnished(way.geography);
    const id = await ask(world, way.asked);
    await world.drain();
    return { way, world, id, total: world.writes() };
  }),
);

describe.each(tried)('$way.name', ({ way, world: whole, id: ended, total }) => {
  const moments = Array.from({ length: total }, (_, index) => index + 1).flatMap((n) =>
    (['before', 'after'] as const).map((when): { n: number; when: CrashMoment } => ({ n, when })),
  );

  test('there are writes to crash at, and without a crash all is well', async () => {
    expect(total).toBeGreaterThan(30);
    await expectSound(whole, ended, way);
  });

  test.each(moments)('write $n, $when it takes effect', async ({ n, when }) => {
    const world = furnished(way.geography);
    world.crashAtWrite(n, when);
    const id = await ask(world, way.asked);
    await world.drain();
    await expectSound(world, id, way);
  });
});
