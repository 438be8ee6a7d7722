/** The calls of a record are its own, not those of a run that goes on beside it: they are taken out of what the vault counts. */
import { NotNow } from '../domain/errors.ts';
import type { ConfiguredVault } from './deps.ts';

export async function uncounted<T>(
  vault: ConfiguredVault,
  work: (vault: ConfiguredVault) => Promise<T>,
): Promise<T> {
  let requests = 0;
  const counted =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        const answer = await call(...args);
        requests += 1;
        return answer;
      } catch (error) {
        // A call that is turned away is no request.
        if (!(error instanceof NotNow)) requests += 1;
        throw error;
      }
    };
  const { issuersPage, listPage, rotationPolicy } = vault.patientCalls;
  const patientCalls = {
    issuersPage: counted(issuersPage),
    listPage: counted(listPage),
    rotationPolicy: counted(rotationPolicy),
  };
  try {
    return await work({ ...vault, patientCalls });
  } finally {
    if (requests > 0) vault.meter.giveBack({ vault: -requests, throttled: 0 });
  }
}
