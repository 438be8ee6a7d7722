/** Waits until something holds, looking again at each change of a vault's step and once in a while: polling is load. */
import type { StepWatch } from './stepWatch.ts';

const lookEveryMs = 1_500;
const patienceMs = 90_000;

export async function untilStep<T>(
  steps: StepWatch,
  vault: string,
  probe: () => Promise<T | null | undefined | false>,
): Promise<T> {
  const until = Date.now() + patienceMs;
  let wake = () => {};
  const stop = steps.onStep(vault, () => wake());
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookEveryMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const found = await probe();
      if (found) return found;
      if (Date.now() > until) throw new Error(`the work on ${vault} did not end in ${patienceMs / 1000} s`);
      await changed;
    }
  } finally {
    stop();
  }
}
