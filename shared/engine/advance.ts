/**
 * The step machine that backup runs and restores share: one message takes the work one step further and puts itself back.
 *
 * Inside a step: what the step makes first, then the message, then the state, which is a conditional write. A crash in
 * between repeats the step. A step that is due at once or very soon is taken in the same invocation, held by the same
 * message: a queue counts in whole seconds, and a short run would be made of them. Who loses the race for the state
 * drops the message without another word: the winner has sent its own. Past the deadline the step is the last one. An
 * early message is dropped, so that doubled chains die out.
 */
import type { Clock } from '../ports/clock.ts';

/** What every state that is stepped through has. */
export interface Stepped {
  readonly deadline: string;
  readonly nextAt: string;
}

/** What a step leaves: the next state, due after a delay. `ended` when there is nothing more to do. */
export interface StepResult<S> {
  readonly state: S;
  readonly delayMs: number;
  readonly ended?: boolean;
}

export interface Machine<S extends Stepped, Held> {
  readonly clock: Clock;
  /** The state as it is now with what is needed to replace it, or null if this work is over or another's. */
  read(): Promise<{ state: S; held: Held } | null>;
  step(state: S, overdue: boolean): Promise<StepResult<S>>;
  putBack(state: S, delayMs: number): Promise<void>;
  /** False if somebody else wrote first. */
  write(next: S, ended: boolean, held: Held): Promise<boolean>;
}

/** Past this an invocation hands over to a fresh message, well before functionTimeout. */
const handOverAfterMs = 3 * 60_000;
/** A slot is not held longer than this for waiting, all waits of an invocation together. */
const patienceMs = 2_000;
/** A queue counts visibility in whole seconds and may be this early. */
const earlyMs = 1_500;

/**
 * A step looks again after this time at the latest. What claims to be due later was written by a clock that was wrong,
 * and is due now: it would else stand until the right clock gets there.
 */
const longestWaitMs = 30 * 60_000;

export type AdvanceResult = 'nothingToDo' | 'early' | 'lostRace' | 'waiting' | 'ended';

export async function advance<S extends Stepped, Held>(machine: Machine<S, Held>): Promise<AdvanceResult> {
  const now = () => machine.clock.now().getTime();
  const begunAt = now();
  let patienceLeftMs = patienceMs;
  for (;;) {
    const found = await machine.read();
    if (!found) return 'nothingToDo';
    const overdue = now() >= Date.parse(found.state.deadline);
    const dueInMs = Date.parse(found.state.nextAt) - now();
    if (!overdue && dueInMs > 0 && dueInMs <= longestWaitMs) return 'early';

    const { state, delayMs: wantedMs, ended = false } = await machine.step(found.state, overdue);
    const delayMs = Math.min(wantedMs, longestWaitMs);
    const goOnHere = delayMs <= patienceLeftMs && now() - begunAt < handOverAfterMs;
    if (!ended && !goOnHere) await machine.putBack(state, delayMs);
    const nextAt = new Date(now() + Math.max(0, delayMs - earlyMs)).toISOString();
    if (!(await machine.write({ ...state, nextAt }, ended, found.held))) return 'lostRace';
    if (ended) return 'ended';
    if (!goOnHere) return 'waiting';
    patienceLeftMs -= delayMs;
    if (delayMs > 0) await machine.clock.sleep(delayMs);
  }
}
