/** What the verification queue gave up on: a part counts as unchecked, a verification's own message is sent again. */
import type { VerifyMessage } from '../domain/jobs.ts';
import type { VerifyDeps } from './deps.ts';
import { advanceVerificationMessage } from './startVerification.ts';
import { readVerifyState, recordPart } from './verifyStore.ts';

const againAfterSeconds = 30;

export async function handleVerifyPoisoned(
  { job }: VerifyMessage,
  deps: VerifyDeps,
): Promise<'recorded' | 'sentAgain' | 'dropped'> {
  deps.events.emit('message.poisoned', { verification: job.id, type: job.type });
  if (job.type === 'verifyBlobs') {
    const trouble =
      'a job failed on every delivery and was moved to the poison queue; see its failures in the logs';
    await recordPart(job, { checked: 0, bytes: 0, trouble, findings: [] }, deps);
    return 'recorded';
  }
  const found = await readVerifyState(job.id, deps);
  if (!found || found.verification.step === 'ended') return 'dropped';
  const { id, vault, scope, deadline } = found.verification;
  if (deps.clock.now().getTime() < Date.parse(deadline)) {
    await deps.queue.send(advanceVerificationMessage(id), { delaySeconds: againAfterSeconds });
    return 'sentAgain';
  }
  // Not even its record could be written, or read back. Tomorrow's looks at everything that this one did not.
  const reason = 'it could not end, although its deadline is past; see its failures in the logs';
  deps.events.emit('verification.failed', { id, vault, scope, status: 'incomplete', reason });
  return 'dropped';
}
