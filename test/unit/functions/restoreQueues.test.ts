/** The queue functions of the restore app with an App of the test: decode, call, and nothing else. */
import { afterEach, describe, expect, test } from 'vitest';
import type { App } from '../../../shared/composition.ts';
import type { AdvanceRestore, RestoreMessage } from '../../../shared/domain/jobs.ts';
import type { RestoreDelivery } from '../../../shared/restore/restoreObject.ts';
import { line } from '../domain/arbitraries.ts';
import { invocation, type Logged, load, unload } from './functionApp.ts';

afterEach(unload);

const id = '20261122T020000Z-0123456789ab';
const advance: RestoreMessage = { v: 1, job: { type: 'advanceRestore', id }, notAfter: null, attempt: 0 };
const restore: RestoreMessage = {
  v: 1,
  job: {
    type: 'restoreObject',
    id,
    target: 'contoso-dr',
    planned: { action: 'restore', why: 'the name is free', line: line({ outcome: 'stored' }) },
  },
  notAfter: '2026-11-22T06:00:00.000Z',
  attempt: 2,
};

function fakeApp(failure?: Error) {
  const calls: unknown[] = [];
  const note = async (...call: unknown[]) => {
    calls.push(call);
    if (failure) throw failure;
  };
  const app = {
    advanceRestore: (job: AdvanceRestore) => note('advanceRestore', job),
    restoreObject: (delivery: RestoreDelivery) => note('restoreObject', delivery),
    handleRestorePoisoned: (message: RestoreMessage) => note('handleRestorePoisoned', message),
  };
  return { appOf: () => app as unknown as App, calls };
}
const eventsIn = (logged: readonly Logged[]) =>
  logged.map(({ level, text }) => ({ level, ...(JSON.parse(text) as { event: string }) }));

describe('restoreJobs', () => {
  const handlerOf = async (app: () => App) =>
    (await load(() => import('../../../functions/restoreJobs.ts'))).module.restoreJobsHandler(app);

  test('an advanceRestore goes to its use case', async () => {
    const { appOf, calls } = fakeApp();
    await (await handlerOf(appOf))(advance, invocation().context);
    expect(calls).toEqual([['advanceRestore', advance.job]]);
  });

  test.each([
    [1, false],
    [4, false],
    [5, true],
    ['5', true],
    [undefined, false],
  ])('a restoreObject at delivery %s is the last one: %s', async (dequeueCount, last) => {
    const { appOf, calls } = fakeApp();
    const triggerMetadata = dequeueCount === undefined ? {} : { dequeueCount };
    await (await handlerOf(appOf))(restore, invocation({ triggerMetadata }).context);
    expect(calls).toEqual([['restoreObject', { message: restore, job: restore.job, last }]]);
  });

  test.each<[string, unknown, string]>([
    ['a text', 'hello', 'message: '],
    ['another version', { ...advance, v: 2 }, 'v: '],
    [
      'a job of a backup',
      { ...advance, job: { type: 'advanceRun', vault: 'contoso', runId: '20261122T020000Z' } },
      'job.type: ',
    ],
  ])('%s is recorded and thrown back, so that it ends in the poison queue', async (_what, body, problem) => {
    const { appOf, calls } = fakeApp();
    const { context, logged } = invocation({ triggerMetadata: { id: 'm-1' } });
    await expect((await handlerOf(appOf))(body, context)).rejects.toThrow(/poison/);
    expect(calls).toEqual([]);
    expect(eventsIn(logged)).toEqual([
      {
        level: 'warning',
        event: 'message.invalid',
        queue: 'restore-jobs',
        id: '"m-1"',
        problems: expect.stringContaining(problem),
      },
    ]);
  });

  test.each([advance, restore])(
    'a failure of the use case reaches the queue, for another delivery',
    async (body) => {
      const { appOf } = fakeApp(new Error('storage is away'));
      await expect((await handlerOf(appOf))(body, invocation().context)).rejects.toThrow('storage is away');
    },
  );
});

describe('restoreJobsPoison', () => {
  const handlerOf = async (app: () => App) =>
    (await load(() => import('../../../functions/restoreJobsPoison.ts'))).module.restoreJobsPoisonHandler(
      app,
    );

  test.each([advance, restore])('a message that can be read goes to its use case', async (body) => {
    const { appOf, calls } = fakeApp();
    await (await handlerOf(appOf))(body, invocation().context);
    expect(calls).toEqual([['handleRestorePoisoned', body]]);
  });

  test('one that cannot be read leaves an event and the queue', async () => {
    const { appOf, calls } = fakeApp();
    const { context, logged } = invocation();
    await (await handlerOf(appOf))({ v: 9 }, context);
    expect(calls).toEqual([]);
    expect(eventsIn(logged)).toEqual([
      expect.objectContaining({ level: 'warning', event: 'message.dropped', queue: 'restore-jobs-poison' }),
    ]);
  });

  test('a failure of the use case is not swallowed', async () => {
    const { appOf } = fakeApp(new Error('storage is away'));
    await expect((await handlerOf(appOf))(restore, invocation().context)).rejects.toThrow('storage is away');
  });
});
