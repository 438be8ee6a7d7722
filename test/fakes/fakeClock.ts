/** A clock that tests move. */
import type { Clock } from '../../shared/ports/clock.ts';

export interface FakeClock extends Clock {
  advance(ms: number): void;
  set(instant: Date): void;
}

export function fakeClock(start = new Date('2026-11-22T02:00:00Z')): FakeClock {
  let now = start.getTime();
  return {
    now: () => new Date(now),
    // Time is only moved by whoever waits, so a sleeper moves it.
    sleep: async (ms) => {
      now += ms;
    },
    advance: (ms) => {
      now += ms;
    },
    set: (instant) => {
      now = instant.getTime();
    },
  };
}
