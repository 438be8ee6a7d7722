/**
 * Deleting, recovering and purging settle in seconds, and until then the vault answers 409 or 404 to the next step.
 * Neither is a failure: the message comes back a little later and looks again.
 */
import { BackupError, NotNow } from '../domain/errors.ts';

export const settleWaitMs = 1_000;

export async function settling(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    const unsettled =
      error instanceof BackupError && (error.code === 'conflict' || error.code === 'notFound');
    throw unsettled ? new NotNow(settleWaitMs) : error;
  }
}
