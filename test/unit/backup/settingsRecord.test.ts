/** A run of a vault whose plan says where it is asks for a record of the vault's own settings, once it is sealed. */
import { expect, test } from 'vitest';
import type { JobMessage } from '../../../shared/domain/jobs.ts';
import { seeded } from '../../fakes/seededWorld.ts';
import { createWorld, runId, type World } from '../../fakes/world.ts';

/** The queue of the world knows only what a run is made of: what else is sent is noted, and does not arrive. */
function listening(world: World, records: boolean) {
  const asked: JobMessage[] = [];
  const { queueOf } = world.deps;
  Object.assign(world.deps, {
    recordsSettings: () => records,
    queueOf: (vault: string) => ({
      send: async (...[message, options]: Parameters<ReturnType<typeof queueOf>['send']>) => {
        if (message.job.type !== 'takeConfig') return queueOf(vault).send(message, options);
        expect(world.point()?.status).toBe('complete');
        asked.push(message);
      },
    }),
  });
  return asked;
}

test('asks when the point is sealed, by the name of the run', async () => {
  const world = seeded(createWorld());
  const asked = listening(world, true);
  await world.fireTimer();
  await world.drain();
  expect(asked).toMatchObject([{ job: { type: 'takeConfig', vault: 'contoso', role: 'source', id: runId } }]);
  expect(world.run()).toBeNull();
});

test('does not ask where the plan does not say where the vault is', async () => {
  const world = seeded(createWorld());
  const asked = listening(world, false);
  await world.fireTimer();
  await world.drain();
  expect([asked, world.point()?.status]).toEqual([[], 'complete']);
});
