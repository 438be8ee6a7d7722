/**
 * How fast a vault may be called right now: a pure state that the governor turns into waiting.
 *
 * steady ──throttled/outage──▶ paused (1, 2, 4, 8, 16 s with jitter, or what Retry-After asks) ──time──▶ slowed
 * slowed ──10 s without another──▶ a step faster … ▶ steady.   slowed ──throttled──▶ paused again, half as fast.
 *
 * Back-off steps: Key Vault's throttling guidance (overview-throttling). A vault's 429 seems to lack Retry-After, so
 * both are handled. One burst of answers to calls in flight counts once.
 */
const pausesMs = [1_000, 2_000, 4_000, 8_000, 16_000];
const slowestFactor = 1 / 16;
const recoveryStep = 1 / 8;
const recoveryEveryMs = 10_000;

/** A Retry-After of 0 would let a burst of answers count one by one; one of hours would stop the night's run. */
const shortestPauseMs = 1_000;
const longestPauseMs = 10 * 60_000;
const within = (ms: number) => Math.min(longestPauseMs, Math.max(shortestPauseMs, ms));

export interface Pace {
  /** Share of the budget that is used now, 1/16 to 1. */
  readonly factor: number;
  /** Epoch milliseconds; no call before. */
  readonly pausedUntil: number;
  /** Pauses in a row without a success between them. */
  readonly streak: number;
  /** When the factor last changed. */
  readonly changedAt: number;
}

export const steadyPace: Pace = { factor: 1, pausedUntil: 0, streak: 0, changedAt: 0 };

/** After a 429 (or an outage, with `slower` false: an unreachable vault says nothing about our rate). */
export function paused(
  pace: Pace,
  event: { now: number; retryAfterMs?: number; random: number; slower: boolean },
): Pace {
  const { now, random, slower } = event;
  const retryAfterMs = event.retryAfterMs === undefined ? undefined : within(event.retryAfterMs);
  if (now < pace.pausedUntil) {
    return retryAfterMs === undefined
      ? pace
      : { ...pace, pausedUntil: Math.max(pace.pausedUntil, now + retryAfterMs) };
  }
  const backOffMs = pausesMs[Math.min(pace.streak, pausesMs.length - 1)] ?? 16_000;
  const pauseMs = retryAfterMs ?? backOffMs * (1 + random / 4);
  return {
    factor: slower ? Math.max(slowestFactor, pace.factor / 2) : pace.factor,
    pausedUntil: now + pauseMs,
    streak: pace.streak + 1,
    changedAt: now + pauseMs,
  };
}

/** After a call that the vault served. */
export function succeeded(pace: Pace, now: number): Pace {
  if (now < pace.pausedUntil) return pace;
  if (pace.factor < 1 && now - pace.changedAt >= recoveryEveryMs) {
    return { ...pace, streak: 0, factor: Math.min(1, pace.factor + recoveryStep), changedAt: now };
  }
  return pace.streak === 0 ? pace : { ...pace, streak: 0 };
}
