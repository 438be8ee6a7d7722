/**
 * The process dies between any two writes, and the run still ends as if it had not. Every write of a whole run is tried,
 * before and after it takes effect; a message that the dead process held comes back when its lease ends.
 */
import { describe, expect, test } from 'vitest';
import { advanceRun } from '../../../shared/backup/advanceRun.ts';
import { sealStep } from '../../../shared/backup/sealStep.ts';
import { account } from '../../../shared/domain/accounting.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { readIndex } from '../../../shared/engine/catalog.ts';
import { createWorld, runId, type World } from '../../fakes/world.ts';

function seeded(): World {
  const world = createWorld();
  world.vault.put('secret', 'db-password');
  world.vault.put('key', 'signing');
  world.vault.put('certificate', 'www');
  world.vault.put('secret', 'www', { managed: true });
  world.vault.errors.set('secrets/lost', () => new Error('cannot be had'));
  world.vault.put('secret', 'lost');
  return world;
}

async function writesOfAWholeRun(): Promise<number> {
  const world = seeded();
  await world.fireTimer();
  await world.drain();
  return world.writes();
}

/** What an independent reader finds: one point, whose index is whole and accounts for every object exactly once. */
async function expectSound(world: World): Promise<void> {
  const point = world.point();
  expect(point).not.toBeNull();
  if (!point) return;
  const lines = await readIndex(point, world.deps);
  expect(lines.map(objectKey).sort()).toEqual([
    'certificates/www',
    'keys/signing',
    'secrets/db-password',
    'secrets/lost',
    'secrets/www',
  ]);
  expect(account(lines, point.counts.listed)).toMatchObject({ counts: point.counts, discrepancy: null });
  expect(point.counts).toEqual({ listed: 5, stored: 3, carried: 0, gone: 0, skipped: 1, failed: 1 });
  for (const line of lines.filter(({ outcome }) => outcome === 'stored')) {
    const stored = world.backups.blobs.get(line.blob ?? '');
    expect(stored?.bytes.length).toBe(line.size);
  }
  // A lost message would only be made good by the one at the deadline, after four hours: too late to count.
  expect(Date.parse(point.sealedAt) - Date.parse(point.startedAt)).toBeLessThan(60 * 60_000);
  expect(world.run()).toBeNull();
  expect(world.queue.messages.size).toBe(0);
}

const total = await writesOfAWholeRun();
const moments = Array.from({ length: total }, (_, index) => index + 1).flatMap((n) => [
  { n, when: 'before' as const },
  { n, when: 'after' as const },
]);

describe('a crash at any write', () => {
  test('there are writes to crash at', () => expect(total).toBeGreaterThan(20));

  test.each(moments)('write $n, $when it takes effect', async ({ n, when }) => {
    const world = seeded();
    world.crashAtWrite(n, when);
    await world.fireTimer();
    await world.fireTimer(); // Azure fires again, or the timer's retry does: harmless, and needed if startRun itself died.
    await world.drain();
    await expectSound(world);
  });

  test.each(moments.filter(({ n }) => n <= 3))(
    'write $n of startRun, $when it takes effect, without a second firing',
    async ({ n, when }) => {
      const world = seeded();
      world.crashAtWrite(n, when);
      await world.fireTimer();
      await world.drain();
      // Before the state was written there is no run; from then on the message at the deadline alone brings it to its seal.
      expect(world.point() !== null).toBe(n >= 3 || (n === 2 && when === 'after'));
      expect(world.run()).toBeNull();
    },
  );
});

describe('a step that waits longer than a message lease', () => {
  // The dead process's message comes back before the step is due and is dropped: only the message that was sent before
  // the state was written carries the run on.
  const slow = () => {
    const world = seeded();
    world.vault.rates.keys = 0.002;
    return world;
  };

  test.each(moments)('write $n, $when it takes effect', async ({ n, when }) => {
    const world = slow();
    world.crashAtWrite(n, when);
    await world.fireTimer();
    await world.fireTimer();
    await world.drain();
    await expectSound(world);
  });
});

describe('crossed deliveries', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'two advanceRun at once at write %i: one wins, nothing is lost',
    async (n) => {
      const world = seeded();
      await world.fireTimer();
      // At the n-th write of the first, the second runs to its end in between, as another instance would.
      let inside = false;
      let writes = 0;
      const original = world.deps.state.replace.bind(world.deps.state);
      const deps = {
        ...world.deps,
        state: {
          ...world.deps.state,
          replace: async (...args: Parameters<typeof original>) => {
            writes += 1;
            if (writes === n && !inside) {
              inside = true;
              await advanceRun({ type: 'advanceRun', vault: 'contoso', runId }, world.deps);
            }
            return original(...args);
          },
        },
      };
      await advanceRun({ type: 'advanceRun', vault: 'contoso', runId }, deps);
      await world.drain();
      await expectSound(world);
    },
  );

  test('every message twice, in reverse order', async () => {
    const world = seeded();
    const send = world.queue.send;
    world.queue.send = async (message, options = {}) => {
      await send(message, { ...options, delaySeconds: (options.delaySeconds ?? 0) + 7 });
      await send(message, options);
    };
    await world.fireTimer();
    await world.drain();
    await expectSound(world);
  });

  test('two sealers: the point of the first counts, the second finds it whole', async () => {
    const world = seeded();
    await world.fireTimer();
    while (world.run()?.step !== 'settle') await world.step();
    for (
      let i = 0;
      i < 40 && [...world.backups.blobs.keys()].filter((name) => name.includes('/runs/')).length < 3;
      i += 1
    )
      await world.step();
    const run = world.run();
    if (!run) throw new Error('the run ended too early for this test');
    await Promise.all([
      sealStep(run, world.deps),
      sealStep({ ...run, trouble: 'another sealer' }, world.deps),
    ]);
    expect(world.events.filter(({ name }) => name === 'seal.conflict')).toEqual([]);
    expect([...world.backups.blobs.keys()].filter((name) => name.includes('recovery-points'))).toHaveLength(
      1,
    );
  });

  test('a winner that is not whole raises seal.conflict', async () => {
    const world = seeded();
    await world.backups.create(`contoso/recovery-points/${runId}.json`, {
      bytes: Buffer.from('{}'),
      contentType: 'application/json',
    });
    await sealStep(await startedRun(), world.deps);
    expect(world.events.map(({ name }) => name)).toContain('seal.conflict');
  });
});

async function startedRun() {
  const world = seeded();
  await world.fireTimer();
  const run = world.run();
  if (!run) throw new Error('no run was started');
  return run;
}
