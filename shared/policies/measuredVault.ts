/** Counts the requests made and the 429s seen, for the record of a run or a restore. Any vault port, one behaviour. */
import { BackupError } from '../domain/errors.ts';
import type { RequestMeter } from '../ports/sourceVault.ts';

/** Every method of a vault port is one request, but for `region`, which makes none. */
type VaultPort = { region(): string | null };
type Method = (...args: readonly unknown[]) => Promise<unknown>;

export function measuredVault<V extends VaultPort>(inner: V): { vault: V; meter: RequestMeter } {
  let requests = 0;
  let throttled = 0;

  const counted =
    (method: Method): Method =>
    async (...args) => {
      requests += 1;
      try {
        return await method(...args);
      } catch (error) {
        if (error instanceof BackupError && error.code === 'throttled') throttled += 1;
        throw error;
      }
    };
  const methods = Object.entries(inner as unknown as Record<string, Method>);
  const wrapped = methods.map(([name, method]) => [name, name === 'region' ? method : counted(method)]);

  return {
    vault: Object.fromEntries(wrapped) as V,
    meter: {
      take() {
        const count = { vault: requests, throttled };
        requests = 0;
        throttled = 0;
        return count;
      },
      giveBack(count) {
        requests += count.vault;
        throttled += count.throttled;
      },
    },
  };
}
