/** What the emulator's own timeline says of the rate: an independent look at what the service says of itself. */
import type { TimelineRow } from '../emulator/counters.ts';

const windowMs = 10_000;

export const only = (rows: readonly TimelineRow[], operation: string): TimelineRow[] =>
  rows.filter((row) => row.operation === operation);

/** Calls of the inventory of versions, which come on another schedule than captures. */
export const looksIn = (rows: readonly TimelineRow[]): number =>
  rows.filter(({ operation }) => operation.endsWith('.versions')).length;

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

/** Where a run's time went, as the vault saw it. */
export function phasesOf(rows: readonly TimelineRow[], from: number, seconds: number): string {
  const since = (at: number) => ((at - from) / 1000).toFixed(1);
  const captures = only(rows, 'secrets.backup').map(({ at }) => at);
  const first = captures.reduce((a, b) => Math.min(a, b), Infinity);
  const last = captures.reduce((a, b) => Math.max(a, b), -Infinity);
  const lists = rows.filter(({ operation }) => operation.endsWith('.list')).map(({ at }) => at);
  const checks = lists.filter((at) => at > last);
  const listed = lists.filter((at) => at < first);
  return (
    `listed from ${since(Math.min(...listed))} to ${since(Math.max(...listed))} s, ` +
    `captured to ${since(last)} s from ${since(first)} s, ` +
    `checked from ${since(Math.min(...checks))} to ${since(Math.max(...checks))} s, sealed at ${seconds.toFixed(1)} s`
  );
}
