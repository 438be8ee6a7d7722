/**
 * Keeps one vault's calls below its budgets: even spacing per budget (turns.ts), a cap on concurrency, a pause for
 * everybody on a 429 or an outage, then a slower pace that recovers step by step (domain/pace.ts).
 *
 * A slot is never held while waiting long: a call that would wait longer than its patience is answered with NotNow, and
 * its message goes back to the queue. The limiter is a courtesy; obeying the 429 is the guarantee.
 */
import { NotNow } from '../domain/errors.ts';
import type { Budget } from '../domain/objects.ts';
import { type Pace, paused, steadyPace, succeeded } from '../domain/pace.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { Ceilings } from './ceilings.ts';
import { createTurns, type Turns } from './turns.ts';

export interface GovernorOptions {
  /** Calls per 10 s; a budget that is not given has no calls at all. */
  readonly budgets: Readonly<Partial<Record<Budget, number>>>;
  readonly clock: Pick<Clock, 'now'>;
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

export function createGovernor(options: GovernorOptions): Governor {
  const { budgets: perTenSeconds, clock, random, ceilings } = options;
  let pace: Pace = steadyPace;
  let unreachable: string[] = [];
  const now = () => clock.now().getTime();
  const spacingMs = (budget: Budget) => 10_000 / ((perTenSeconds[budget] ?? 0) * pace.factor);
  const turns = new Map(
    (Object.keys(perTenSeconds) as Budget[]).map((budget) => [
      budget,
      createTurns({ spacingMs: spacingMs(budget), maxConcurrent }),
    ]),
  );

  function turnsOf(budget: Budget): Turns {
    const found = turns.get(budget);
    if (!found) throw new Error(`this vault has no budget for ${budget}`);
    return found;
  }

  let told: PaceRecord = { pausedMs: 0, slowest: 1 };

  function become(next: Pace): void {
    const pausedMs = Math.max(0, next.pausedUntil - Math.max(pace.pausedUntil, now()));
    told = { pausedMs: told.pausedMs + pausedMs, slowest: Math.min(told.slowest, next.factor) };
    const changed = next.factor !== pace.factor;
    pace = next;
    if (!changed) return;
    for (const [budget, some] of turns) some.respace(spacingMs(budget));
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

    async run(budget, patienceMs, request) {
      const until = now() + patienceMs;
      await waitOutPause(until);
      const own = turnsOf(budget);
      const ceiling = ceilings?.[budget];
      const below = ceiling ? (ceiling.waiting() + own.waiting()) * ceiling.spacingMs() : 0;
      const turnMs = Math.max(own.waiting() * own.spacingMs(), below);
      if (turnMs > patienceMs) throw new NotNow(turnMs);
      // Whose turn comes within a pause lines up again after it: else all of them would go at once at its end.
      const call = async () => (pausedForMs() > 0 ? null : { answer: await request() });
      const done = await own.take(() => (ceiling ? ceiling.take(call) : call()));
      return done ? done.answer : governor.run(budget, Math.max(0, until - now()), request);
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
