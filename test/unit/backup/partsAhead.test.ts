/** However slow a run is against its budget, it does not fill the queue; and nothing that is asked for can hold it for long. */
import { describe, expect, test } from 'vitest';
import { BackupError } from '../../../shared/domain/errors.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const objects = 2400;
const parts = 12;
/** Of the first part the last ones, which the fifth part waits for. */
const waitedFor = ['object-0197', 'object-0198', 'object-0199'];

/** A vault that serves one object after the other, with a budget of 100 per second. */
function worldThatServesIn(ms: number): World {
  const world = createWorld();
  world.vault.rates.objects = 100;
  for (let i = 0; i < objects; i += 1) world.vault.put('secret', `object-${String(i).padStart(4, '0')}`);
  world.vault.beforeCall = (operation) => {
    if (operation.startsWith('backup')) world.clock.advance(ms);
  };
  return world;
}

const secondsOf = ({ startedAt, sealedAt }: { startedAt: string; sealedAt: string }) =>
  (Date.parse(sealedAt) - Date.parse(startedAt)) / 1000;

describe('a run that is slower than its budget', () => {
  test('keeps its queue short, and is complete', async () => {
    const world = worldThatServesIn(20);
    // Sending is slower than the budget, too: each part is late, and the next one due at once.
    const { send } = world.queue;
    Object.assign(world.queue, {
      send: (...message: Parameters<typeof send>) => {
        world.clock.advance(15);
        return send(...message);
      },
    });
    let longest = 0;
    await world.fireTimer();
    while (await world.step()) longest = Math.max(longest, world.queue.messages.size);
    expect(longest).toBeLessThan(1010);
    expect(world.point()).toMatchObject({ status: 'complete', counts: { stored: objects } });
  });

  test('counts an object that failed as through', async () => {
    const world = worldThatServesIn(20);
    for (const name of waitedFor)
      world.vault.errors.set(`secrets/${name}`, () => new BackupError('forbidden', 'no right'));
    await world.fireTimer();
    await world.drain();
    const point = world.point();
    expect(point).toMatchObject({ status: 'partial', counts: { stored: objects - 3, failed: 3 } });
    // 48 s of captures, and no minute of waiting for what is settled.
    expect(point && secondsOf(point)).toBeLessThan(90);
  });

  test('goes on after a minute when the jobs that it waits for were lost', async () => {
    const world = worldThatServesIn(20);
    await world.fireTimer();
    const from = world.clock.now().getTime();
    await world.stepUntil(async () => {
      for (const [id, { text }] of world.queue.messages)
        if (waitedFor.some((name) => text.includes(`"${name}"`))) world.queue.messages.delete(id);
      const plan = world.run()?.plans.at(-1);
      return plan?.lanes.objects.next === parts;
    });
    expect((world.clock.now().getTime() - from) / 1000).toBeGreaterThan(60);
    expect((world.clock.now().getTime() - from) / 1000).toBeLessThan(180);
  });
});
