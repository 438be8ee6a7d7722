/** A wait that can be cut short: by `ring()` (something happened, look now) or by `close()` (stop for good). */
const LONGEST_TIMER_MS = 2 ** 31 - 1; // setTimeout fires at once beyond this

export interface Alarm {
  /** Resolves early when rung; a ring before the wait counts too. */
  wait(ms: number): Promise<void>;
  ring(): void;
  close(): void;
  readonly closed: boolean;
}

export function createAlarm(): Alarm {
  let rung = false;
  let closed = false;
  let end: (() => void) | undefined;
  return {
    wait: async (ms) => {
      const until = Date.now() + ms;
      while (!rung && !closed) {
        const left = until - Date.now();
        if (left <= 0) break;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, LONGEST_TIMER_MS));
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
    ring: () => {
      rung = true;
      end?.();
    },
    close: () => {
      closed = true;
      end?.();
    },
    get closed() {
      return closed;
    },
  };
}
