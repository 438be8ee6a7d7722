/**
 * Keeps one vault's calls below its budgets: even spacing with Bottleneck per budget, a cap on concurrency, a pause for
 * everybody on a 429 or an outage, then a slower pace that recovers step by step (domain/pace.ts).
 *
 * A slot is never held while waiting long: a call that would wait longer than its patience is answered with NotNow, and
 * its message goes back to the queue. The limiter is a courtesy; obeying the 429 is the guarantee.
 */
import Bottleneck from 'bottleneck';
import { NotNow } from '../domain/errors.ts';
import type { Budget } from '../domain/objects.ts';
import { type Pace, paused, steadyPace, succeeded } from '../domain/pace.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { Ceilings } from './ceilings.ts';

export interface GovernorOptions {
  /** Calls per 10 s; a budget that is not given has no calls at all. */
  readonly budgets: Readonly<Partial<Record<Budget, number>>>;
  readonly clock: Clock;
  readonly random: Random;
  /** The limiters of the process, which stand above every vault's own. */
  readonly ceilings?: Ceilings;
}

/** Calls in flight at once per budget: 400 per second at 60 ms each need 24. */
const maxConcurrent = 32;
/** Failures in succession, of at least two objects, before an unreachable vault counts as an outage. */
const outageAfter = 3;

export interface Governor {
  /** Runs the call in its turn, or rejects with NotNow if that turn is further off than `patienceMs`. */
  run<T>(budget: Budget, patienceMs: number, call: () => Promise<T>): Promise<T>;
  throttled(retryAfterMs: number | undefined): void;
  served(): void;
  /** Notes an object that met an unreachable vault; true if this is an outage, which pauses the vault. */
  sawUnreachable(key: string): boolean;
  pausedForMs(): number;
  callsPerSecond(budget: Budget): number;
  /** How long the vault was paused and how slow it got since the last take, for the run's record. */
  takeRecord(): PaceRecord;
}

export interface PaceRecord {
  readonly pausedMs: number;
  /** The lowest share of the budget that was used, 1/16 to 1. */
  readonly slowest: number;
}

/** Bottleneck takes up to maxConcurrent calls out of its queue at once and lets them wait as RUNNING. */
function waitingAt(limiter: Bottleneck): number {
  const { RECEIVED, QUEUED, RUNNING } = limiter.counts();
  return RECEIVED + QUEUED + RUNNING;
}

export function createGovernor(options: GovernorOptions): Governor {
  const { budgets: perTenSeconds, clock, random, ceilings } = options;
  let pace: Pace = steadyPace;
  let unreachable: string[] = [];
  const now = () => clock.now().getTime();
  const spacingMs = (budget: Budget) => 10_000 / ((perTenSeconds[budget] ?? 0) * pace.factor);
  const limiters = new Map(
    (Object.keys(perTenSeconds) as Budget[]).map((budget) => {
      const limiter = new Bottleneck({ minTime: spacingMs(budget), maxConcurrent });
      return [budget, ceilings ? limiter.chain(ceilings[budget].limiter) : limiter];
    }),
  );

  function limiterOf(budget: Budget): Bottleneck {
    const limiter = limiters.get(budget);
    if (!limiter) throw new Error(`this vault has no budget for ${budget}`);
    return limiter;
  }

  let told: PaceRecord = { pausedMs: 0, slowest: 1 };

  function become(next: Pace): void {
    const pausedMs = Math.max(0, next.pausedUntil - Math.max(pace.pausedUntil, now()));
    told = { pausedMs: told.pausedMs + pausedMs, slowest: Math.min(told.slowest, next.factor) };
    const changed = next.factor !== pace.factor;
    pace = next;
    if (!changed) return;
    for (const [budget, limiter] of limiters) limiter.updateSettings({ minTime: spacingMs(budget) });
  }

  const pausedForMs = () => Math.max(0, pace.pausedUntil - now());

  /** Waits out a pause if patience allows; several pauses may follow each other. */
  async function waitOutPause(until: number): Promise<void> {
    for (let pause = pausedForMs(); pause > 0; pause = pausedForMs()) {
      if (now() + pause > until) throw new NotNow(pause);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  const governor: Governor = {
    pausedForMs,
    takeRecord() {
      const record = told;
      told = { pausedMs: 0, slowest: pace.factor };
      return record;
    },
    callsPerSecond: (budget) => 1000 / spacingMs(budget),

    async run(budget, patienceMs, call) {
      const until = now() + patienceMs;
      await waitOutPause(until);
      const ahead = waitingAt(limiterOf(budget));
      const ceiling = ceilings?.[budget];
      const below = ceiling ? (waitingAt(ceiling.limiter) + ahead) * ceiling.spacingMs : 0;
      const turnMs = Math.max(ahead * spacingMs(budget), below);
      if (turnMs > patienceMs) throw new NotNow(turnMs);
      // Whose turn comes within a pause lines up again after it: else all of them would go at once at its end.
      const turn = async () => (pausedForMs() > 0 ? null : { answer: await call() });
      const done = await limiterOf(budget).schedule(turn);
      return done ? done.answer : governor.run(budget, Math.max(0, until - now()), call);
    },

    throttled(retryAfterMs) {
      become(
        paused(pace, {
          now: now(),
          random: random(),
          slower: true,
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        }),
      );
    },

    served() {
      unreachable = [];
      become(succeeded(pace, now()));
    },

    sawUnreachable(key) {
      unreachable = [...unreachable.slice(-20), key];
      const outage = unreachable.length >= outageAfter && new Set(unreachable).size > 1;
      if (outage) become(paused(pace, { now: now(), random: random(), slower: false }));
      return outage;
    },
  };
  return governor;
}
