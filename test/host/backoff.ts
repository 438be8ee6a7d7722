/** Randomized exponential delays (webjobs-sdk `RandomizedExponentialBackoffStrategy`): 100 ms, 200, 400 ± 20 % … maximum. */
export interface Backoff {
  next(): number;
  reset(): void;
}

export function createBackoff(
  minimumMs: number,
  maximumMs: number,
  random: () => number = Math.random,
): Backoff {
  let exponent = 0;
  return {
    next: () => {
      const factor = 0.8 + 0.4 * random();
      const delay = exponent === 0 ? minimumMs : minimumMs + factor * 2 ** (exponent - 1) * minimumMs;
      if (delay >= maximumMs) return maximumMs;
      exponent++;
      return delay;
    },
    reset: () => {
      exponent = 0;
    },
  };
}
