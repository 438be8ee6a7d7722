/** Working state may be lost at any time: a restore that lost a part of its plan ends, and does not say that all is well. */
import { expect, test } from 'vitest';
import { backedUp, createRestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();

test.each([
  ['lost', (text: string) => text.slice(0, 0), 0],
  ['cut off in its third line', (text: string) => `${text.split('\n').slice(0, 2).join('\n')}\n{"half`, 2],
])('a plan that was %s before its jobs were sent', async (_what, spoil, left) => {
  const world = createRestoreWorld(source);
  const { id } = await world.request();
  const planOf = () => [...world.state.blobs.keys()].find((name) => name.includes('/plan/'));
  await world.stepUntil(async () => planOf() !== undefined);
  const name = planOf() ?? '';
  const stored = world.state.blobs.get(name);
  if (!stored) throw new Error('there is no plan');
  const text = spoil(Buffer.from(stored.bytes).toString('utf8'));
  world.state.blobs.set(name, { ...stored, bytes: Buffer.from(text) });
  await world.drain();
  const { status, reason } = await world.detail(id);
  expect(status).toBe(left === 0 ? 'failed' : 'partial');
  expect(reason).toMatch(new RegExp(`${4 - left} of 4 objects are not .* ${4 - left} of them are unknown`));
});
