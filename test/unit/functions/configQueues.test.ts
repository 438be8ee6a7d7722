/** The message that asks for a vault's settings, on either queue: to its use case with the role of that queue, poisoned too. */
import { afterEach, expect, test } from 'vitest';
import type { App } from '../../../shared/composition.ts';
import { takeConfigMessage } from '../../../shared/domain/jobs.ts';
import { invocation, load, unload } from './functionApp.ts';

afterEach(unload);

const message = takeConfigMessage(
  { vault: 'contoso', role: 'source', id: '20261122T020000Z' },
  new Date('2026-11-22T02:00:00Z'),
);
const { job } = message;

function fakeApp() {
  const calls: unknown[] = [];
  const note =
    (name: string) =>
    async (...args: unknown[]) =>
      void calls.push([name, ...args.slice(0, -1)]);
  const app = { takeConfig: note('takeConfig'), handlePoisonedConfig: note('handlePoisonedConfig') };
  return { appOf: () => app as unknown as App, calls };
}

test.each([
  [1, false],
  [5, true],
])(
  'on a shard’s queue it is of a source; on delivery %i it knows whether it is the last',
  async (count, last) => {
    const { appOf, calls } = fakeApp();
    const { module } = await load(() => import('../../../functions/backupJobs.ts'));
    const { context } = invocation({ triggerMetadata: { dequeueCount: count } });
    await module.backupJobsHandler('backup-jobs-0', appOf)(message, context);
    expect(calls).toEqual([['takeConfig', { message, job, last }, 'source']]);
  },
);

test('on the queue of restores it is of a target', async () => {
  const { appOf, calls } = fakeApp();
  const { module } = await load(() => import('../../../functions/restoreJobs.ts'));
  await module.restoreJobsHandler(appOf)(message, invocation().context);
  expect(calls).toEqual([['takeConfig', { message, job, last: false }, 'target']]);
});

test('poisoned, it is told on both', async () => {
  const { appOf, calls } = fakeApp();
  const backup = await load(() => import('../../../functions/backupJobsPoison.ts'));
  await backup.module.backupJobsPoisonHandler('backup-jobs-0-poison', appOf)(message, invocation().context);
  const restore = await load(() => import('../../../functions/restoreJobsPoison.ts'));
  await restore.module.restoreJobsPoisonHandler(appOf)(message, invocation().context);
  expect(calls).toEqual([
    ['handlePoisonedConfig', job],
    ['handlePoisonedConfig', job],
  ]);
});
