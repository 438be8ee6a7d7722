/**
 * Queue messages that nobody sent: each function either hands the App a job whose every field is as it must be, or
 * refuses the message by name; a poison function never fails. What does reach the App breaks no run.
 */
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { advanceRun } from '../../../shared/backup/advanceRun.ts';
import { backUpObject } from '../../../shared/backup/backUpObject.ts';
import type { App } from '../../../shared/composition.ts';
import { BackupError, NotNow } from '../../../shared/domain/errors.ts';
import {
  type BackupMessage,
  decodeBackupMessage,
  decodeDiffMessage,
  decodePortableMessage,
  decodeRestoreMessage,
  decodeVerifyMessage,
} from '../../../shared/domain/jobs.ts';
import { backedUp, createRestoreWorld } from '../../fakes/restoreWorld.ts';
import { createWorld, runId } from '../../fakes/world.ts';
import { invocation, load, unload } from '../functions/functionApp.ts';
import { junk, seed, spoiled } from './junk.ts';

afterEach(unload);

const id = '20261122T020000Z-00000000000a';
const jobs = [
  { type: 'advanceRun', vault: 'contoso', runId },
  {
    type: 'backUpObject',
    vault: 'contoso',
    runId,
    pass: 1,
    kind: 'secret',
    name: 'one',
    created: null,
    updated: 1_700_000_000,
    startedAt: '2026-11-22T02:00:00.000Z',
  },
  { type: 'advanceDiff', id, vault: 'contoso' },
  { type: 'advanceRestore', id },
  { type: 'restoreObject', id, target: 'contoso-dr', planned: await plannedObject() },
  { type: 'advanceDrill', vault: 'contoso', id: runId, plan: 'payments', target: 'scratch' },
  { type: 'advanceVerification', id: `contoso-${runId}` },
  { type: 'verifyBlobs', id: `contoso-${runId}`, planId: '00000000000a', part: 0 },
  { type: 'advancePortable', vault: 'contoso', runId },
  { type: 'copyObject', vault: 'contoso', runId, work: { kind: 'secret', name: 'one', again: null } },
].map((job) => ({ v: 1, job, notAfter: '2026-11-22T06:00:00.000Z', attempt: 0 }));
/** As a restore sends it. */
async function plannedObject(): Promise<unknown> {
  const world = createRestoreWorld(await backedUp());
  await world.restore();
  const sent = world.queue.sent.flatMap(({ job }) => (job.type === 'restoreObject' ? [job.planned] : []));
  return sent[0];
}

const message = fc.oneof(junk, fc.constantFrom(...jobs).chain(spoiled), fc.constantFrom(...jobs));

const decoders = [
  decodeBackupMessage,
  decodeRestoreMessage,
  decodeDiffMessage,
  decodeVerifyMessage,
  decodePortableMessage,
];
const isJob = (body: unknown) => decoders.some((decode) => !('problems' in decode(body)));

/** Takes whatever it is called for. */
function anyApp() {
  const calls: string[] = [];
  const app = new Proxy({}, { get: (_, name) => async () => void calls.push(String(name)) });
  return { app: app as App, calls };
}

const functions = [
  'backupJobs0',
  'backupJobs0Poison',
  'restoreJobs',
  'restoreJobsPoison',
  'verifyJobs',
  'verifyJobsPoison',
  'portableJobs',
  'portableJobsPoison',
] as const;

test.each(functions)('%s', async (name) => {
  const { app, calls } = anyApp();
  // The App is made of settings; here it is ours.
  const { registered } = await load(async () => {
    const { vi } = await import('vitest');
    vi.doMock('../../../functions/app.ts', async (original) => ({
      ...(await original<object>()),
      theApp: () => app,
    }));
    return import('../../../functions/main.ts');
  });
  const handler = registered.find((one) => one.name === name)?.options.handler;
  if (!handler) throw new Error(`nothing registers ${name}`);
  await fc.assert(
    fc.asyncProperty(message, async (body) => {
      calls.length = 0;
      const { context, logged } = invocation({ triggerMetadata: { id: 'm-1', dequeueCount: 1 } });
      const failure = await handler(body, context).then(
        () => null,
        (error: unknown) => String(error),
      );
      const told = logged.map(({ text }) => text).join();
      const isTold = /"event":"message\.(invalid|dropped)"/.test(told);
      const isRefused = name.endsWith('Poison') ? failure === null : /not a job/.test(failure ?? '');
      const isRight = calls.length > 0 ? failure === null && isJob(body) : isTold && isRefused;
      expect([isRight, failure, told]).toEqual([true, failure, told]);
    }),
    { seed, numRuns: 120 },
  );
});

const backupJob = fc.oneof(
  fc.constantFrom(...jobs.slice(0, 2)).chain(spoiled),
  fc.constantFrom(...jobs.slice(0, 2)),
);

test('jobs that are none of a run’s do it no harm, and each fails with a clear error or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(backupJob, { maxLength: 8 }), async (bodies) => {
      const world = createWorld();
      for (const name of ['one', 'two', 'three']) world.vault.put('secret', name);
      await world.fireTimer();
      for (const body of bodies) {
        const decoded = decodeBackupMessage(body);
        if ('problems' in decoded) continue;
        expect(await deliver(decoded, world.deps)).toEqual([]);
        await world.step();
      }
      await world.drain();
      expect(world.point()).toMatchObject({ status: 'complete', counts: { listed: 3, stored: 3 } });
    }),
    { seed, numRuns: 40 },
  );
});

/** What it failed with that is no error of ours. */
async function deliver(decoded: BackupMessage, deps: ReturnType<typeof createWorld>['deps']) {
  const { job } = decoded;
  try {
    if (job.type === 'advanceRun') await advanceRun(job, deps);
    else await backUpObject({ message: decoded, job, last: false }, deps);
  } catch (error) {
    if (!(error instanceof BackupError || error instanceof NotNow)) return [error];
  }
  return [];
}
