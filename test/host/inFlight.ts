/** Counts what is under way, so that tests and a polite stop can wait for the end of it. */
export interface InFlight {
  track<T>(work: Promise<T>): Promise<T>;
  count(): number;
  idle(): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    track: async (work) => {
      count++;
      try {
        return await work;
      } finally {
        count--;
        if (count === 0) {
          for (const resolve of waiting) resolve();
          waiting = [];
        }
      }
    },
    count: () => count,
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
