/**
 * What the queue gave up on: a job that killed its worker, or failed on its last delivery before it could record it.
 * An object's job becomes a recorded failure, so that its run still seals; a run's own message is sent again, because a
 * run must always end.
 */
import { BackupError } from '../domain/errors.ts';
import type { BackupMessage } from '../domain/jobs.ts';
import { recordOutcome } from './backUpObject.ts';
import type { BackupDeps } from './deps.ts';
import { readVaultState } from './runStore.ts';
import { advanceRunMessage } from './startRun.ts';

const againAfterSeconds = 30;

export async function handlePoisoned(
  message: BackupMessage,
  deps: BackupDeps,
): Promise<'recorded' | 'sentAgain' | 'dropped'> {
  const { job } = message;
  deps.events.emit('message.poisoned', { vault: job.vault, runId: job.runId, type: job.type });
  if (job.type === 'backUpObject') {
    const error = new BackupError(
      'internal',
      'its job failed on every delivery and was moved to the poison queue',
      {
        hint: 'See the failures of this object in the logs: a job that ends its worker leaves no reason of its own.',
      },
    );
    await recordOutcome(job, 'failed', error, deps);
    return 'recorded';
  }
  const { run } = await readVaultState(deps.state, job.vault);
  if (run?.runId !== job.runId) return 'dropped';
  await deps
    .queueOf(job.vault)
    .send(advanceRunMessage(job.vault, job.runId), { delaySeconds: againAfterSeconds });
  return 'sentAgain';
}
