/** Recovers a soft-deleted object that already is what the recovery point holds; looks again before it says so. */
import { BackupError, NotNow } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import { differences } from '../domain/restoreVerify.ts';
import type { Doing, Told } from './doing.ts';
import { newestOf, tellVerified } from './restorePlain.ts';
import { settleWaitMs, settling } from './settlingCalls.ts';

const mostWaits = 60;

export async function recoverObject({ job, target, attempt }: Doing): Promise<Told> {
  const { line } = job.planned;
  const versions = await target.calls.versions(line);
  const current = newestOf(versions);
  if (current)
    return tellVerified(
      'recovered',
      line,
      versions.find((version) => differences(line, version).length === 0) ?? current,
      target.calls,
    );
  if (await target.calls.deleted(line)) await settling(target.calls.recover(line));
  else if (attempt >= mostWaits) {
    throw new BackupError('notFound', `${objectKey(line)} is neither live nor soft-deleted any more`, {
      hint: 'Ask for it again: its name is free now.',
    });
  }
  // Recovering settles in seconds; until then the object reads as missing.
  throw new NotNow(settleWaitMs);
}
