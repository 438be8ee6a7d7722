/** Takes a request for a record of a vault's settings now: sends the message; calls no vault. */
import { takeConfigMessage } from '../domain/jobs.ts';
import { type RunId, runIdOf } from '../domain/runId.ts';
import type { ConfigDeps, Whose } from './deps.ts';

export async function requestConfig(
  whose: Whose,
  { clock, queueOf }: Pick<ConfigDeps, 'clock' | 'queueOf'>,
): Promise<{ id: RunId }> {
  const id = runIdOf(clock.now());
  await queueOf(whose).send(takeConfigMessage({ ...whose, id }, clock.now()));
  return { id };
}
