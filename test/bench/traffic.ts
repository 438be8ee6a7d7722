/** What the emulator's own timeline says of the rate: an independent look at what the service says of itself. */
import type { TimelineRow } from '../emulator/counters.ts';

const windowMs = 10_000;

export const only = (rows: readonly TimelineRow[], operation: string): TimelineRow[] =>
  rows.filter((row) => row.operation === operation);

/** Calls per second in the middle 60 % of the time between the first and the last. */
export function steadyRate(rows: readonly TimelineRow[]): number {
  const { from, to } = middle(rows);
  return (steady(rows).length * 1000) / (to - from);
}

export function steady(rows: readonly TimelineRow[]): TimelineRow[] {
  const { from, to } = middle(rows);
  return rows.filter(({ at }) => at >= from && at < to);
}

function middle(rows: readonly TimelineRow[]): { from: number; to: number } {
  const times = rows.map(({ at }) => at);
  const first = times.reduce((a, b) => Math.min(a, b), Infinity);
  const last = times.reduce((a, b) => Math.max(a, b), -Infinity);
  return { from: first + 0.2 * (last - first), to: first + 0.8 * (last - first) };
}

/** The most calls in any 10 seconds. */
export function peak(rows: readonly TimelineRow[]): number {
  const times = rows.map(({ at }) => at).sort((a, b) => a - b);
  let from = 0;
  let most = 0;
  times.forEach((at, index) => {
    while ((times[from] ?? at) <= at - windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

export const throttledIn = (rows: readonly TimelineRow[]): number =>
  rows.filter(({ status }) => status === 429).length;
