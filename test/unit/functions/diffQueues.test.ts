/** A comparison's message on either queue goes to its use case, with the role of that queue, and so does a poisoned one. */
import { afterEach, expect, test } from 'vitest';
import type { App } from '../../../shared/composition.ts';
import { invocation, load, unload } from './functionApp.ts';

afterEach(unload);

const job = { type: 'advanceDiff', id: '20261122T020000Z-0123456789ab', vault: 'contoso' };
const message = { v: 1, job, notAfter: null, attempt: 0 };

function fakeApp() {
  const calls: unknown[] = [];
  const note =
    (name: string) =>
    async (...args: unknown[]) =>
      void calls.push([name, ...args.slice(0, -1)]);
  const app = { advanceDiff: note('advanceDiff'), handlePoisonedDiff: note('handlePoisonedDiff') };
  return { appOf: () => app as unknown as App, calls };
}

test('on a shard’s queue it is of a source', async () => {
  const { appOf, calls } = fakeApp();
  const { module } = await load(() => import('../../../functions/backupJobs.ts'));
  await module.backupJobsHandler('backup-jobs-0', appOf)(message, invocation().context);
  expect(calls).toEqual([['advanceDiff', job, 'source']]);
});

test('on the queue of restores it is of a target', async () => {
  const { appOf, calls } = fakeApp();
  const { module } = await load(() => import('../../../functions/restoreJobs.ts'));
  await module.restoreJobsHandler(appOf)(message, invocation().context);
  expect(calls).toEqual([['advanceDiff', job, 'target']]);
});

test('poisoned, it is handled on both', async () => {
  const { appOf, calls } = fakeApp();
  const backup = await load(() => import('../../../functions/backupJobsPoison.ts'));
  await backup.module.backupJobsPoisonHandler('backup-jobs-0-poison', appOf)(message, invocation().context);
  const restore = await load(() => import('../../../functions/restoreJobsPoison.ts'));
  await restore.module.restoreJobsPoisonHandler(appOf)(message, invocation().context);
  expect(calls).toEqual([
    ['handlePoisonedDiff', job],
    ['handlePoisonedDiff', job],
  ]);
});
