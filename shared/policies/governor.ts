/**
 * Keeps one vault's calls below its budgets: even spacing per budget (turns.ts), a cap on concurrency, a pause for
 * everybody on a 429 or an outage, then a slower pace that recovers step by step (domain/pace.ts).
 *
 * A slot is never held while waiting long: a call that would wait longer than its patience is answered with NotNow, and
 * its message goes back to the queue, to return in a turn of its own. Nor while all calls hang: a queue function has 64
 * slots for all its vaults. The limiter is a courtesy; obeying the 429 is the guarantee.
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

/** With as many calls in flight as there may be, and none that began or ended for this long, the vault hangs. */
const hangsAfterMs = 1_000;
/** Those sent back return one after the other, but spread over no more than this. */
const longestSpreadMs = 30_000;

/** How long a call waits for its turn, and for the end of a pause, before it is sent back. */
export interface Patience {
  readonly turnMs: number;
  readonly pauseMs: number;
}

export interface Governor {
  /** Runs the call in its turn, or rejects with NotNow if that turn is further off than its patience. */
  run<T>(budget: Budget, patience: Patience, call: () => Promise<T>): Promise<T>;
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

  const inFlight = new Map<Budget, { calls: number; changedAt: number }>();

  const inFlightOf = (budget: Budget) => {
    const known = inFlight.get(budget) ?? { calls: 0, changedAt: now() };
    inFlight.set(budget, known);
    return known;
  };

  /** Counts what is in flight, to tell a vault that hangs from one that is slow. */
  async function counted<T>(budget: Budget, request: () => Promise<T>): Promise<T> {
    const flight = inFlightOf(budget);
    flight.calls += 1;
    flight.changedAt = now();
    try {
      return await request();
    } finally {
      flight.calls -= 1;
      flight.changedAt = now();
    }
  }

  const hangs = (budget: Budget) => {
    const { calls, changedAt } = inFlightOf(budget);
    return calls >= maxConcurrent && now() - changedAt > hangsAfterMs;
  };

  const returnsAt = new Map<Budget, number>();

  /** Each that is sent back gets a place behind the one before: together they would only be sent back again. */
  function sentBack(budget: Budget, delayMs: number): NotNow {
    const soonest = now() + delayMs;
    const at = Math.min(Math.max(soonest, returnsAt.get(budget) ?? 0), soonest + longestSpreadMs);
    returnsAt.set(budget, at + spacingMs(budget));
    return new NotNow(at - now());
  }

  const pausedForMs = () => Math.max(0, pace.pausedUntil - now());

  /** Waits out a pause if patience allows; several pauses may follow each other. */
  async function waitOutPause(budget: Budget, patienceMs: number): Promise<void> {
    const until = now() + patienceMs;
    for (let pause = pausedForMs(); pause > 0; pause = pausedForMs()) {
      if (now() + pause > until) throw sentBack(budget, pause);
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

    async run(budget, patience, request) {
      const begunAt = now();
      await waitOutPause(budget, patience.pauseMs);
      const own = turnsOf(budget);
      const ceiling = ceilings?.[budget];
      const below = ceiling ? (ceiling.waiting() + own.waiting()) * ceiling.spacingMs() : 0;
      const turnMs = Math.max(own.waiting() * own.spacingMs(), below);
      const patienceMs = Math.max(0, patience.turnMs - (now() - begunAt));
      if (turnMs > patienceMs || hangs(budget)) throw sentBack(budget, Math.max(turnMs, patienceMs));
      // Whose turn comes within a pause lines up again after it: else all of them would go at once at its end.
      const call = async () => (pausedForMs() > 0 ? null : { answer: await counted(budget, request) });
      const done = await own.take(() => (ceiling ? ceiling.take(call) : call()), {
        ms: patienceMs,
        tooLate: () => sentBack(budget, patienceMs),
      });
      if (done) return done.answer;
      const waitedMs = now() - begunAt;
      const left = (ms: number) => Math.max(0, ms - waitedMs);
      return governor.run(
        budget,
        { turnMs: left(patience.turnMs), pauseMs: left(patience.pauseMs) },
        request,
      );
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
