/** Counts the requests made and the 429s seen, for the run's record. Same port, one behaviour. */
import { BackupError } from '../domain/errors.ts';
import type { RequestMeter, SourceVault } from '../ports/sourceVault.ts';

export function measuredVault(inner: SourceVault): { vault: SourceVault; meter: RequestMeter } {
  let requests = 0;
  let throttled = 0;

  async function counted<T>(call: () => Promise<T>): Promise<T> {
    requests += 1;
    try {
      return await call();
    } catch (error) {
      if (error instanceof BackupError && error.code === 'throttled') throttled += 1;
      throw error;
    }
  }

  return {
    vault: {
      listPage: (kind, next) => counted(() => inner.listPage(kind, next)),
      backup: (ref) => counted(() => inner.backup(ref)),
      currentKey: (name) => counted(() => inner.currentKey(name)),
      rotationPolicy: (name) => counted(() => inner.rotationPolicy(name)),
      region: () => inner.region(),
    },
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
