/** A job that ends while the restore is sealed: what it recorded is what is told, not what the seal was about to say. */
import { expect, test } from 'vitest';
import { backedUp, createRestoreWorld } from '../../fakes/restoreWorld.ts';

test('the outcome of a job that was faster than the seal counts', async () => {
  const world = createRestoreWorld(await backedUp());
  const { send } = world.deps.queue;
  // Every job is lost, so that the seal has to say what became of the objects.
  world.deps.queue = {
    send: (message, options) =>
      message.job.type === 'restoreObject' ? Promise.resolve() : send(message, options),
  };
  const { state } = world.deps;
  world.deps.state = {
    ...state,
    async create(name, blob) {
      const late = {
        outcome: 'restored',
        reason: null,
        hint: null,
        version: null,
        at: '2026-11-22T07:00:00Z',
      };
      if (name.endsWith('/outcomes/secrets/db-password.json'))
        await state.create(name, { ...blob, bytes: Buffer.from(JSON.stringify(late)) });
      return state.create(name, blob);
    },
  };
  const { status, counts } = await world.restore();
  expect({ status, counts }).toEqual({ status: 'partial', counts: { restored: 1, failed: 3 } });
});
