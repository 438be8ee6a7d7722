/**
 * Turns at an even spacing, by Bottleneck, in the order of asking. Bottleneck needs two timer ticks under a lock for each
 * of its jobs, which is about 3 ms in Node: more than the spacing of a large budget. So above 100 turns per second one
 * of its jobs carries several turns, which follow one another at the spacing; the next job comes after all of them.
 */
import Bottleneck from 'bottleneck';

const shortestJobMs = 10;

export interface Turns {
  /** Calls back in its turn; rejects with `tooLate()` if that has not come after `patienceMs`. */
  take<T>(call: () => Promise<T>, patience?: { ms: number; tooLate: () => Error }): Promise<T>;
  /** How many have asked and were not called yet. */
  waiting(): number;
  spacingMs(): number;
  respace(spacingMs: number): void;
}

/** `maxConcurrent`: calls that may run at once. The spacing at the start is the shortest there will be. */
export function createTurns(options: { spacingMs: number; maxConcurrent?: number }): Turns {
  const { maxConcurrent = null } = options;
  let { spacingMs } = options;
  const perJob = Math.max(1, Math.ceil(shortestJobMs / spacingMs));
  const limiter = new Bottleneck({ minTime: perJob * spacingMs, maxConcurrent });
  const asked: (() => Promise<unknown>)[] = [];
  let jobs = 0;
  let delayed = 0;

  async function oneJob(): Promise<void> {
    jobs -= 1;
    const calls = asked.splice(0, perJob);
    delayed += calls.length;
    await Promise.all(
      calls.map(async (call, position) => {
        if (position > 0) await new Promise((resolve) => setTimeout(resolve, position * spacingMs));
        delayed -= 1;
        await call();
      }),
    );
  }

  return {
    take: (call, patience) =>
      new Promise((resolve, reject) => {
        const withdraw = () => {
          const position = asked.indexOf(turn);
          if (position < 0) return; // its job has begun
          asked.splice(position, 1);
          reject(patience?.tooLate());
        };
        const timer = patience && setTimeout(withdraw, patience.ms);
        // The job itself never fails: what a call throws is its caller's.
        const turn = () => {
          clearTimeout(timer);
          return call().then(resolve, reject);
        };
        asked.push(turn);
        if (asked.length <= jobs * perJob) return;
        jobs += 1;
        limiter.schedule({ weight: perJob }, oneJob).catch(reject);
      }),
    waiting: () => asked.length + delayed,
    spacingMs: () => spacingMs,
    respace(next) {
      spacingMs = next;
      limiter.updateSettings({ minTime: perJob * next });
    },
  };
}
