/**
 * Brings one object back, as its plan says, and records once what became of it. May run twice, at once, out of order, or
 * die on any line: it looks at the target before it believes an answer, and the first recorded outcome counts.
 */
import { restoreOutcomeName } from '../domain/blobNames.ts';
import { asBackupError, BackupError, dispositionOf, NotNow } from '../domain/errors.ts';
import type { RestoreMessage, RestoreObject } from '../domain/jobs.ts';
import { objectKey } from '../domain/objects.ts';
import type { RestoreOutcome } from '../domain/restoreState.ts';
import { sendBack } from '../engine/sendBack.ts';
import type { GovernedTarget, RestoreDeps } from './deps.ts';
import type { Doing, Told } from './doing.ts';
import { recoverObject } from './recoverObject.ts';
import { replaceObject } from './replaceObject.ts';
import { restorePlain } from './restorePlain.ts';
import { restorePortable } from './restorePortable.ts';
import { recordRestoreOutcome } from './restoreStore.ts';

export interface RestoreDelivery {
  readonly message: RestoreMessage;
  readonly job: RestoreObject;
  /** The queue will not deliver it again: what goes wrong now is final. */
  readonly last: boolean;
}

const natively = { restore: restorePlain, recover: recoverObject, replace: replaceObject } as const;

export async function restoreObject(
  { message, job, last }: RestoreDelivery,
  deps: RestoreDeps,
): Promise<RestoreOutcome | 'deferred' | 'expired' | 'alreadyDone'> {
  const { planned, id } = job;
  if (message.notAfter !== null && deps.clock.now().getTime() >= Date.parse(message.notAfter))
    return 'expired';
  if (await deps.state.facts(restoreOutcomeName(id, planned.line))) return 'alreadyDone';
  const { action } = planned;
  if (action !== 'restore' && action !== 'recover' && action !== 'replace') return 'alreadyDone';
  let target: GovernedTarget | null = null;
  try {
    target = deps.targetOf(job.target);
    const doing = { job, target, deps, attempt: message.attempt };
    const told = planned.via === 'portable' ? await restorePortable(doing) : await byBlob(action, doing);
    return await record(job, told, deps);
  } catch (thrown) {
    if (thrown instanceof NotNow) return goBack(message, thrown.delayMs, deps);
    const error = asBackupError(thrown);
    const outage =
      error.code === 'unreachable' && target?.pace.sawUnreachable(objectKey(planned.line)) === true;
    // A replacement that has begun is not given up while the name may lie empty: it waits for the vault, to the deadline.
    const patient = action === 'replace' && (error.code === 'unreachable' || error.code === 'internal');
    // A conflict has been looked into by then (restorePlain): trying again would change nothing.
    const disposition =
      outage || patient ? 'defer' : error.code === 'conflict' ? 'failed' : dispositionOf[error.code];
    if (disposition === 'defer')
      return goBack(message, Math.max(waitMs(error, message.attempt), target?.pace.pausedForMs() ?? 0), deps);
    if (disposition === 'retry' && !last) throw error;
    return record(job, toldOf(error), deps);
  }
}

/** Where the plan leaves it open, a blob that this target cannot decrypt is no failure: the copy comes instead. */
async function byBlob(action: keyof typeof natively, doing: Doing): Promise<Told> {
  try {
    return await natively[action](doing);
  } catch (error) {
    const elsewhere = error instanceof BackupError && error.code === 'wrongGeography';
    if (!elsewhere || doing.job.planned.via !== 'either') throw error;
    return restorePortable(doing);
  }
}

/** Ever longer, so that an outage of hours is not a call per second; how long after a 429, the pace knows. */
const waitMs = ({ code }: BackupError, attempt: number): number =>
  code === 'throttled' ? 1000 : Math.min(60_000, 1000 * 2 ** Math.min(attempt, 6));

const toldOf = (error: BackupError): Told => ({
  outcome: error.code === 'conflict' ? 'conflict' : 'failed',
  reason: `${error.code}: ${error.message}`,
  hint: error.hint || null,
  version: null,
});

async function record(job: RestoreObject, told: Told, deps: RestoreDeps): Promise<RestoreOutcome> {
  await recordRestoreOutcome(
    job.id,
    job.planned.line,
    { via: 'native', ...told, at: deps.clock.now().toISOString() },
    deps,
  );
  if (told.outcome === 'failed' || told.outcome === 'differs') {
    deps.events.emit('object.failed', {
      restore: job.id,
      target: job.target,
      object: objectKey(job.planned.line),
      reason: told.reason,
    });
  }
  return told.outcome;
}

async function goBack(message: RestoreMessage, delayMs: number, deps: RestoreDeps): Promise<'deferred'> {
  await sendBack(message, delayMs, deps.queue, deps.random);
  return 'deferred';
}
