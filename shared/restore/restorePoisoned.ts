/** What the restore queue gave up on: an object becomes a recorded failure, a restore's or drill's own message is sent again. */
import type { RestoreMessage } from '../domain/jobs.ts';
import type { RestoreDeps } from './deps.ts';
import { advanceRestoreMessage } from './requestRestore.ts';
import { readRestore, recordRestoreOutcome } from './restoreStore.ts';

const againAfterSeconds = 30;

export async function handleRestorePoisoned(
  message: RestoreMessage,
  deps: RestoreDeps,
): Promise<'recorded' | 'sentAgain' | 'dropped'> {
  const { job } = message;
  if (job.type === 'advanceDrill') {
    deps.events.emit('message.poisoned', { drill: `${job.vault}/${job.id}`, type: job.type });
    await deps.queue.send({ ...message, attempt: message.attempt + 1 }, { delaySeconds: againAfterSeconds });
    return 'sentAgain';
  }
  deps.events.emit('message.poisoned', { restore: job.id, type: job.type });
  if (job.type === 'restoreObject') {
    const reason = 'internal: its job failed on every delivery and was moved to the poison queue';
    const hint =
      'Look at the object in the target, then ask for it again: a restore of what is already there is skipped.';
    await recordRestoreOutcome(
      job.id,
      job.planned.line,
      { outcome: 'failed', reason, hint, version: null, at: deps.clock.now().toISOString() },
      deps,
    );
    return 'recorded';
  }
  const found = await readRestore(job.id, deps);
  if (!found || found.restore.step === 'ended') return 'dropped';
  await deps.queue.send(advanceRestoreMessage(job.id), { delaySeconds: againAfterSeconds });
  return 'sentAgain';
}
