/** What the queue gave up on is recorded at once, so that nobody waits for it. */
import { expect, test } from 'vitest';
import { handlePoisoned } from '../../../shared/backup/poisoned.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { createWorld } from '../../fakes/world.ts';

test('a job that the queue gave up on is recorded as failed, by name', async () => {
  const world = seeded(createWorld());
  await world.fireTimer();
  await world.stepUntil(async () => world.queue.sent.some(({ job }) => job.type === 'backUpObject'));
  const message = world.queue.sent.find(({ job }) => job.type === 'backUpObject');
  expect(message && (await handlePoisoned(message, world.deps))).toBe('recorded');
  const recorded = [...world.state.blobs.keys()].filter((name) => name.endsWith('.failed.json'));
  expect(recorded).toHaveLength(1);
});
