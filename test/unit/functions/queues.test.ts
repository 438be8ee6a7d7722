/** The queue functions and the timer with an App of the test: decode, call, and nothing else. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../../shared/backup/backUpObject.ts';
import type { App } from '../../../shared/composition.ts';
import type { AdvanceRun, JobMessage } from '../../../shared/domain/jobs.ts';
import type { Plan } from '../../../shared/domain/plans.ts';
import { invocation, type Logged, load, unload } from './functionApp.ts';

afterEach(unload);

const advance: JobMessage = {
  v: 1,
  job: { type: 'advanceRun', vault: 'contoso', runId: '20261122T020000Z' },
  notAfter: null,
  attempt: 0,
};
const backUp: JobMessage = {
  v: 1,
  job: {
    type: 'backUpObject',
    vault: 'contoso',
    runId: '20261122T020000Z',
    pass: 1,
    kind: 'secret',
    name: 'db-password',
    created: null,
    updated: 1_700_000_000,
    startedAt: '2026-11-22T02:00:00.000Z',
  },
  notAfter: '2026-11-22T06:00:00.000Z',
  attempt: 2,
};

function fakeApp(failure?: Error) {
  const calls: unknown[] = [];
  const note = async (name: string, ...args: unknown[]) => {
    calls.push([name, ...args]);
    if (failure) throw failure;
  };
  const app = {
    advanceRun: (job: AdvanceRun) => note('advanceRun', job),
    backUpObject: (delivery: Delivery) => note('backUpObject', delivery),
    handlePoisoned: (message: JobMessage) => note('handlePoisoned', message),
    runPlan: async (plan: Plan) => {
      await note('runPlan', plan);
      return [{ vault: 'contoso', result: { outcome: 'started', runId: '20261122T020000Z' } }];
    },
  };
  return { appOf: () => app as unknown as App, calls };
}
const eventsIn = (logged: readonly Logged[]) =>
  logged.map(({ level, text }) => ({ level, ...(JSON.parse(text) as { event: string }) }));

describe('backupJobs', () => {
  const handlerOf = async (app: () => App) =>
    (await load(() => import('../../../functions/backupJobs.ts'))).module.backupJobsHandler(
      'backup-jobs-0',
      app,
    );

  test('an advanceRun goes to its use case', async () => {
    const { appOf, calls } = fakeApp();
    await (await handlerOf(appOf))(advance, invocation().context);
    expect(calls).toEqual([['advanceRun', advance.job]]);
  });

  test.each([
    [1, false],
    [4, false],
    [5, true],
    [6, true],
    ['5', true],
    [undefined, false],
  ])('a backUpObject at delivery %s is the last one: %s', async (dequeueCount, last) => {
    const { appOf, calls } = fakeApp();
    const triggerMetadata = dequeueCount === undefined ? {} : { dequeueCount };
    await (await handlerOf(appOf))(backUp, invocation({ triggerMetadata }).context);
    expect(calls).toEqual([['backUpObject', { message: backUp, job: backUp.job, last }]]);
  });

  test.each<[string, unknown, string]>([
    ['a text', 'hello', 'message: '],
    ['another version', { ...advance, v: 2 }, 'v: '],
    ['an unknown job', { ...advance, job: { type: 'dropAll' } }, 'job.type: '],
  ])('%s is recorded and thrown back, so that it ends in the poison queue', async (_what, body, problem) => {
    const { appOf, calls } = fakeApp();
    const { context, logged } = invocation({ triggerMetadata: { id: 'm-1' } });
    await expect((await handlerOf(appOf))(body, context)).rejects.toThrow(/poison/);
    expect(calls).toEqual([]);
    expect(eventsIn(logged)).toEqual([
      {
        level: 'warning',
        event: 'message.invalid',
        queue: 'backup-jobs-0',
        id: '"m-1"',
        problems: expect.stringContaining(problem),
      },
    ]);
  });

  test.each([advance, backUp])(
    'a failure of the use case reaches the queue, for another delivery',
    async (body) => {
      const { appOf } = fakeApp(new Error('storage is away'));
      await expect((await handlerOf(appOf))(body, invocation().context)).rejects.toThrow('storage is away');
    },
  );
});

describe('backupJobsPoison', () => {
  const handlerOf = async (app: () => App) =>
    (await load(() => import('../../../functions/backupJobsPoison.ts'))).module.backupJobsPoisonHandler(
      'backup-jobs-0-poison',
      app,
    );

  test.each([advance, backUp])('a message that can be read goes to its use case', async (body) => {
    const { appOf, calls } = fakeApp();
    await (await handlerOf(appOf))(body, invocation().context);
    expect(calls).toEqual([['handlePoisoned', body]]);
  });

  test('one that cannot be read leaves an event and the queue', async () => {
    const { appOf, calls } = fakeApp();
    const { context, logged } = invocation();
    await (await handlerOf(appOf))({ v: 9 }, context);
    expect(calls).toEqual([]);
    expect(eventsIn(logged)).toEqual([
      expect.objectContaining({ level: 'warning', event: 'message.dropped', queue: 'backup-jobs-0-poison' }),
    ]);
  });

  test('a failure of the use case is not swallowed', async () => {
    const { appOf } = fakeApp(new Error('storage is away'));
    await expect((await handlerOf(appOf))(backUp, invocation().context)).rejects.toThrow('storage is away');
  });
});

describe('runPlan', () => {
  const plan = { name: 'payments' } as Plan;
  const handlerOf = async (app: () => App) =>
    (await load(() => import('../../../functions/runPlan.ts'))).module.runPlanHandler(plan, app);

  test('a tick starts the plan and says what became of each vault', async () => {
    const { appOf, calls } = fakeApp();
    const { context, logged } = invocation();
    await (await handlerOf(appOf))({ isPastDue: true }, context);
    expect(calls).toEqual([['runPlan', plan]]);
    expect(logged).toEqual([{ level: 'information', text: 'contoso: started' }]);
  });

  test('what could not be started is thrown for the timer’s retry policy', async () => {
    const { appOf } = fakeApp(new AggregateError([], '1 of 2 vaults could not be started'));
    await expect((await handlerOf(appOf))({}, invocation().context)).rejects.toThrow('1 of 2 vaults');
  });
});

test('events that alerts read are warnings, the others are not', async () => {
  const { module } = await load(() => import('../../../functions/app.ts'));
  const { context, logged } = invocation();
  const names = [
    'run.started',
    'run.sealed',
    'run.partial',
    'run.failed',
    'seal.conflict',
    'storage.mutable',
    'message.poisoned',
    'blob.stranger',
  ] as const;
  for (const name of names) module.eventsTo(context).emit(name, { vault: 'contoso' });
  expect(eventsIn(logged).map(({ level, event }) => [event, level])).toEqual(
    names.map((name) => [name, /started|sealed/.test(name) ? 'information' : 'warning']),
  );
  expect(logged[0]?.text).toBe('{"event":"run.started","vault":"contoso"}');
});

test('the app is composed once per process, and only when it is needed', async () => {
  const { module } = await load(() => import('../../../functions/app.ts'));
  expect(module.theApp()).toBe(module.theApp());
});
