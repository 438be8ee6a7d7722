/**
 * The process dies around any write to storage, queue or target, and the restore still ends as if it had not: every
 * object once, with a true outcome, and nothing of the target lost. One object per action, and two that give way.
 */
import { describe, expect, test } from 'vitest';
import { restoreObject } from '../../../shared/restore/restoreObject.ts';
import { Crash, type CrashMoment } from '../../fakes/crashes.ts';
import { lossesOf, pictureOf, pictureOfPoint, untruthsOf } from '../../fakes/restoreTruth.ts';
import {
  backedUp,
  createRestoreWorld,
  outcomesOf,
  type RestoreWorld,
  type RestoreWorldOptions,
  seedSource,
} from '../../fakes/restoreWorld.ts';

const source = await backedUp((world) => {
  seedSource(world);
  for (const name of ['kept', 'owned']) world.vault.put('secret', name);
});
const point = pictureOfPoint(source);
const asked = { onConflict: 'replace' as const };
const expected = {
  'certificates/www': 'restored',
  'secrets/api-key': 'recovered',
  'secrets/db-password': 'replaced',
  'keys/signing': 'replaced',
  'secrets/kept': 'skipped',
  'secrets/owned': 'conflict',
};

function furnished(options: RestoreWorldOptions = {}): RestoreWorld {
  const world = createRestoreWorld(source, options);
  world.holdAsBackedUp('secret', 'api-key');
  world.target.softDelete('secret', 'api-key');
  world.target.put('secret', 'db-password');
  world.target.put('key', 'signing');
  world.target.softDelete('key', 'signing');
  world.holdAsBackedUp('secret', 'kept');
  world.target.put('certificate', 'owned');
  return world;
}

/** The caller asks again with the same key when the answer does not come. */
async function ask(world: RestoreWorld): Promise<string> {
  try {
    return (await world.request(asked, 'the-key-of-the-caller')).id;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    world.survive();
    return (await world.request(asked, 'the-key-of-the-caller')).id;
  }
}

async function expectSound(world: RestoreWorld, id: string, before: ReturnType<typeof pictureOf>) {
  const detail = await world.detail(id);
  const judged = { world, before, point };
  expect(outcomesOf(detail)).toEqual(expected);
  expect([...lossesOf(judged), ...untruthsOf(detail, judged)]).toEqual([]);
  expect(detail).toMatchObject({ step: 'ended', status: 'partial' });
  expect(world.audited(id, 'ended')).toMatchObject({ counts: detail.counts });
  // Only the message at the deadline would come as late as that.
  expect(detail.durationSeconds).toBeLessThan(60 * 60);
  expect(world.queue.messages.size).toBe(0);
}

async function play(world: RestoreWorld, n: number, when: CrashMoment) {
  const before = pictureOf(world);
  world.crashAtWrite(n, when);
  const id = await ask(world);
  await world.drain();
  await expectSound(world, id, before);
}

async function writesOfAWholeRestore(options: RestoreWorldOptions): Promise<number> {
  const world = furnished(options);
  await world.restore(asked);
  return world.writes();
}

const vaults: [string, RestoreWorldOptions][] = [
  ['a vault that settles slowly', {}],
  [
    'a vault that settles at once and names no versions',
    { traits: { settleMs: 0, limboMs: 0, namesVersion: 'none' } },
  ],
];

describe.each(
  await Promise.all(
    vaults.map(async ([name, options]) => {
      const total = await writesOfAWholeRestore(options);
      return { name, options, total };
    }),
  ),
)('$name', ({ options, total }) => {
  const moments = Array.from({ length: total }, (_, index) => index + 1).flatMap((n) => [
    { n, when: 'before' as const },
    { n, when: 'after' as const },
  ]);

  test('there are writes to crash at', () => expect(total).toBeGreaterThan(40));

  test.each(moments)('write $n, $when it takes effect', async ({ n, when }) => {
    const world = furnished(options);
    await expect(play(world, n, when)).resolves.toBeUndefined();
  });
});

describe('crossed deliveries', () => {
  test('every message twice, in reverse order', async () => {
    const world = furnished();
    const before = pictureOf(world);
    const send = world.queue.send;
    world.queue.send = async (message, options = {}) => {
      await send(message, { ...options, delaySeconds: (options.delaySeconds ?? 0) + 7 });
      // What goes back doubles once; else each round would double all before it.
      if (message.attempt === 0) await send(message, options);
    };
    const id = await ask(world);
    await world.drain();
    await expectSound(world, id, before);
  });

  test('a message that comes when the object has ended does nothing', async () => {
    const world = furnished();
    const { id } = await world.restore(asked);
    const [first] = world.queue.sent.filter(({ job }) => job.type === 'restoreObject');
    const made = world.target.made.length;
    if (first?.job.type !== 'restoreObject') throw new Error('no object was enqueued');
    const late = { message: { ...first, notAfter: null }, job: first.job, last: false };
    expect(await restoreObject(late, world.deps)).toBe('alreadyDone');
    expect(await restoreObject({ ...late, message: first }, world.deps)).toBe('expired');
    expect([world.target.made.length, (await world.detail(id)).step]).toEqual([made, 'ended']);
  });
});
