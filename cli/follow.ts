/**
 * Looks again and again at work that an app does, until it ends. The first looks come soon, so that short work does not
 * wait; later ones as often as the app asks. An app that cannot be reached meanwhile is waited for: the work goes on.
 */
import type { Answer } from './call.ts';
import { exitCodes, Failure } from './failure.ts';
import type { Kvb } from './kvb.ts';
import { type Progress, progressOf } from './progress.ts';

export interface Followed<T> {
  readonly title: string;
  readonly look: () => Promise<Answer<T>>;
  readonly hasEnded: (value: T) => boolean;
  readonly at: (value: T) => Parameters<Progress['show']>[0];
  /** The command that goes on following. */
  readonly again: string;
}

export interface WaitOptions {
  readonly wait: boolean;
  readonly waitMinutes?: number;
}

const firstLookMs = 250;
const patienceMs = 120_000;

export async function follow<T>(
  kvb: Kvb,
  { waitMinutes }: WaitOptions,
  work: Followed<T>,
): Promise<Answer<T>> {
  const { io, options } = kvb;
  const progress = progressOf(io, work.title, options.quiet);
  const until =
    waitMinutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + waitMinutes * 60_000;
  let pauseMs = firstLookMs;
  try {
    for (;;) {
      const answer = await patiently(kvb, work.look);
      if (work.hasEnded(answer.value)) return answer;
      progress.show(work.at(answer.value));
      if (performance.now() + pauseMs > until)
        throw new Failure('stillRunning', `${work.title} still goes on`, `Go on with: ${work.again}`);
      await io.sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, (answer.retryAfterSeconds ?? 5) * 1000);
    }
  } finally {
    progress.end();
  }
}

/** For calls that may be made twice. */
export async function patiently<T>({ io, note }: Kvb, call: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0, pauseMs = 1000; ; pauseMs = Math.min(2 * pauseMs, 16_000)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Failure) || error.ending !== 'unreachable' || waitedMs >= patienceMs)
        throw error;
      if (waitedMs === 0) note(`${error.message}; trying again`);
      await io.sleep(pauseMs);
      waitedMs += pauseMs;
    }
  }
}

/** The worst of several endings. */
export const worst = (codes: readonly number[]): number => Math.max(exitCodes.ok, ...codes);
