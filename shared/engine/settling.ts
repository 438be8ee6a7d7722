/**
 * When to wait, to send again and to give up, while jobs are still without an outcome. What is missing a message lease
 * after the last progress is enqueued again, five times at most. While the vault is paused nothing counts against it.
 * While there is progress the next look comes when the rest should be through; without, after growing waits.
 */
import type { Settling } from '../domain/settling.ts';

export type SettleLook =
  | { readonly verdict: 'wait'; readonly settling: Settling; readonly delayMs: number }
  | { readonly verdict: 'sendAgain'; readonly sentAgain: (throughMs: number) => Settling }
  | { readonly verdict: 'giveUp'; readonly settling: Settling };

const mostRounds = 5;
const shortestLookMs = 250;
const longestLookMs = 30_000;

export interface SettleFacts {
  readonly settling: Settling;
  /** More than none. */
  readonly missing: number;
  /** What is left of the vault's pause; 0 without one. */
  readonly pausedMs: number;
  /** How long what is missing takes at the vault's present rate. */
  readonly throughMs: number;
  readonly now: Date;
  readonly leaseMs: number;
}

export function settleLook(facts: SettleFacts): SettleLook {
  const { settling, missing, pausedMs, throughMs, now, leaseMs } = facts;
  const progressed = settling.missing === null || missing < settling.missing || pausedMs > 0;
  // Right after the last enqueueing progressAt lies ahead, where the last message should be through.
  const progressAt = progressed
    ? Math.max(now.getTime(), Date.parse(settling.progressAt))
    : Date.parse(settling.progressAt);
  const next: Settling = {
    ...settling,
    missing,
    progressAt: new Date(progressAt).toISOString(),
    looks: progressed ? 0 : settling.looks + 1,
  };
  if (now.getTime() - progressAt <= leaseMs) {
    const waitMs = progressed ? Math.max(pausedMs, throughMs) : shortestLookMs * 2 ** Math.min(next.looks, 7);
    const delayMs = Math.min(longestLookMs, Math.max(shortestLookMs, waitMs));
    return { verdict: 'wait', settling: next, delayMs };
  }
  if (settling.rounds >= mostRounds) return { verdict: 'giveUp', settling: next };
  const sentAgain = (throughMs: number): Settling => ({
    ...next,
    progressAt: new Date(now.getTime() + throughMs).toISOString(),
    rounds: settling.rounds + 1,
    looks: 0,
  });
  return { verdict: 'sendAgain', sentAgain };
}
