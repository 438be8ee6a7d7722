/** What the queue of portable copies gave up on: an object becomes a recorded failure, a vault's own message is sent again. */
import type { PortableMessage } from '../domain/jobs.ts';
import { emptyLine } from '../domain/portablePoint.ts';
import type { PortableDeps } from './deps.ts';
import { readPortable, recordLine } from './portableStore.ts';
import { advancePortableMessage } from './startPortable.ts';

const againAfterSeconds = 30;

export async function handlePortablePoisoned(
  { job }: PortableMessage,
  deps: PortableDeps,
): Promise<'recorded' | 'sentAgain' | 'dropped'> {
  const { vault, runId } = job;
  deps.events.emit('message.poisoned', { vault, runId, type: job.type });
  const found = await readPortable(vault, deps);
  if (found?.portable.runId !== runId || found.portable.step === 'ended') return 'dropped';
  if (job.type === 'advancePortable') {
    await deps.queue.send(advancePortableMessage(vault, runId), { delaySeconds: againAfterSeconds });
    return 'sentAgain';
  }
  const { kind, name } = job.work;
  const reason = 'internal: its job failed on every delivery and was moved to the poison queue';
  await recordLine(found.portable, { ...emptyLine, kind, name, outcome: 'failed', reason }, deps);
  return 'recorded';
}
