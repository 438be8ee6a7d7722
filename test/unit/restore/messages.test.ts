/** What the queue does to a restore: messages that vanish, and messages that fail on every delivery. */
import { describe, expect, test } from 'vitest';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();
const key = 'secrets/db-password';
const restoresOf = ({ target }: RestoreWorld) => target.made.filter((call) => call.startsWith('restore '));
describe('messages', () => {
  const loseJobs = (world: RestoreWorld, which = '"restoreObject"') => {
    for (const [id, { text }] of world.queue.messages)
      if (text.includes(which)) world.queue.messages.delete(id);
  };

  test.each(['settle', 'apply'] as const)('of objects, lost in the step %s, are sent again', async (step) => {
    const world = createRestoreWorld(source);
    const { id } = await world.request();
    await world.stepUntil(async () => (await world.detail(id)).step === step && world.queue.sent.length > 3);
    loseJobs(world);
    await world.drain();
    const detail = await world.detail(id);
    expect(detail.status).toBe('complete');
    expect(detail.durationSeconds).toBeLessThan(60 * 60);
  });

  test('of an object that always vanish: it is named as not reached, and the others came back', async () => {
    const world = createRestoreWorld(source);
    const { id } = await world.request();
    for (let more = true; more; more = await world.step()) loseJobs(world, '"db-password"');
    const detail = await world.detail(id);
    expect(detail.counts).toEqual({ restored: 3, failed: 1 });
    expect(detail.objects.find(({ object }) => object === key)?.reason).toMatch(/^notReached/);
    expect(detail.durationSeconds).toBeLessThan(2 * 60 * 60);
  });

  test('that fail on every delivery become a recorded failure', async () => {
    const world = createRestoreWorld(source);
    world.target.errors.set(`restore ${key}`, () => new Error('a bug'));
    const detail = await world.restore();
    expect(detail.objects.find(({ object }) => object === key)).toMatchObject({
      outcome: 'failed',
      reason: 'internal: a bug',
    });
    expect(restoresOf(world).filter((call) => call === `restore ${key}`)).toHaveLength(5);
  });

  test('of the restore itself that fail on every delivery are sent again', async () => {
    const world = createRestoreWorld(source);
    const { create } = world.deps.state;
    const { id } = await world.request();
    let left = 7;
    world.deps.state.create = (name, blob) => {
      left -= 1;
      return left > 0 ? Promise.reject(new Error('storage is away')) : create(name, blob);
    };
    await world.drain();
    expect((await world.detail(id)).status).toBe('complete');
    expect(world.events.map(({ name }) => name)).toContain('message.poisoned');
  });
});
