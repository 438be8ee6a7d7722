/** What the measurements call a vault and a storage account with, past the app. */
import { SecretClient } from '@azure/keyvault-secrets';
import type { EmulatorProcess } from './emulatorProcess.ts';

export const credentialOf = (emulator: EmulatorProcess, clientId: string) => ({
  getToken: async () => ({
    token: await emulator.token(clientId),
    expiresOnTimestamp: Date.now() + 3_600_000,
  }),
});

export const secretsOf = (emulator: EmulatorProcess, url: string, clientId: string): SecretClient =>
  new SecretClient(url, credentialOf(emulator, clientId), {
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
  });

/** Runs `work` for each item, at most `width` at a time. */
export async function atOnce<T>(
  width: number,
  items: Iterable<T>,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
