/** The functions of verifications with an App of the test: decode, call, and nothing else. */
import { afterEach, describe, expect, test } from 'vitest';
import type { App } from '../../../shared/composition.ts';
import type { AdvanceVerification, VerifyBlobs, VerifyMessage } from '../../../shared/domain/jobs.ts';
import { invocation, type Logged, load, unload } from './functionApp.ts';

afterEach(unload);

const id = 'contoso-20261122T053000Z';
const advance: VerifyMessage = { v: 1, job: { type: 'advanceVerification', id }, notAfter: null, attempt: 0 };
const part: VerifyMessage = {
  v: 1,
  job: { type: 'verifyBlobs', id, planId: '0123456789ab', part: 3 },
  notAfter: '2026-11-22T17:30:00.000Z',
  attempt: 0,
};

function fakeApp(failure?: Error) {
  const calls: unknown[] = [];
  const note = async (...call: unknown[]) => {
    calls.push(call);
    if (failure) throw failure;
  };
  const app = {
    verifyVaults: () => note('verifyVaults'),
    advanceVerification: (job: AdvanceVerification) => note('advanceVerification', job),
    verifyBlobs: (message: VerifyMessage, job: VerifyBlobs) => note('verifyBlobs', message, job),
    handleVerifyPoisoned: (message: VerifyMessage) => note('handleVerifyPoisoned', message),
  };
  return { appOf: () => app as unknown as App, calls };
}
const eventsIn = (logged: readonly Logged[]) =>
  logged.map(({ level, text }) => ({ level, ...(JSON.parse(text) as { event: string }) }));

describe('verifyJobs', () => {
  const handlerOf = async (app: () => App) =>
    (await load(() => import('../../../functions/verifyJobs.ts'))).module.verifyJobsHandler(app);

  test.each([
    [advance, ['advanceVerification', advance.job]],
    [part, ['verifyBlobs', part, part.job]],
  ])('each job goes to its use case', async (message, expected) => {
    const { appOf, calls } = fakeApp();
    await (await handlerOf(appOf))(message, invocation().context);
    expect(calls).toEqual([expected]);
  });

  test.each<[string, unknown, string]>([
    ['a text', 'hello', 'message: '],
    ['another version', { ...advance, v: 2 }, 'v: '],
    ['an id that is none', { ...advance, job: { ...advance.job, id: '../x' } }, 'job.id: '],
    ['a job of a backup', { ...advance, job: { type: 'advanceRun', vault: 'x', runId: 'y' } }, 'job.type: '],
  ])('%s is recorded and thrown back, so that it ends in the poison queue', async (_what, body, problem) => {
    const { appOf, calls } = fakeApp();
    const { context, logged } = invocation({ triggerMetadata: { id: 'm-1' } });
    await expect((await handlerOf(appOf))(body, context)).rejects.toThrow(/poison/);
    expect(calls).toEqual([]);
    expect(eventsIn(logged)).toEqual([
      expect.objectContaining({
        level: 'warning',
        event: 'message.invalid',
        queue: 'verify-jobs',
        problems: expect.stringContaining(problem),
      }),
    ]);
  });

  test.each([advance, part])('a failure of the use case reaches the queue', async (body) => {
    const { appOf } = fakeApp(new Error('storage is away'));
    await expect((await handlerOf(appOf))(body, invocation().context)).rejects.toThrow('storage is away');
  });
});

describe('verifyJobsPoison', () => {
  const handlerOf = async (app: () => App) =>
    (await load(() => import('../../../functions/verifyJobsPoison.ts'))).module.verifyJobsPoisonHandler(app);

  test.each([advance, part])('a message that can be read goes to its use case', async (body) => {
    const { appOf, calls } = fakeApp();
    await (await handlerOf(appOf))(body, invocation().context);
    expect(calls).toEqual([['handleVerifyPoisoned', body]]);
  });

  test('one that cannot be read leaves an event and the queue', async () => {
    const { appOf, calls } = fakeApp();
    const { context, logged } = invocation();
    await (await handlerOf(appOf))({ v: 9 }, context);
    expect(calls).toEqual([]);
    expect(eventsIn(logged)).toEqual([
      expect.objectContaining({ level: 'warning', event: 'message.dropped', queue: 'verify-jobs-poison' }),
    ]);
  });
});

describe('verifyVaults', () => {
  const handlerOf = async (app: () => App) =>
    (await load(() => import('../../../functions/verifyVaults.ts'))).module.verifyVaultsHandler(app);

  test('a tick starts the verifications, and a failure reaches the timer’s retry policy', async () => {
    const { appOf, calls } = fakeApp(new Error('storage is away'));
    await expect((await handlerOf(appOf))({}, invocation().context)).rejects.toThrow('storage is away');
    expect(calls).toEqual([['verifyVaults']]);
  });
});
