/**
 * A run is named by an instant in UTC, `20261122T020000Z`: the schedule's instant, or the second of a manual start.
 * Names sort as their instants do, which is what the recovery point listing relies on.
 */
export type RunId = string;

const shape = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

export const runIdOf = (instant: Date): RunId =>
  `${instant.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '')}Z`;

/** The instant that a run id names, or null if the text is no run id (2026-02-30 is none either). */
export function instantOf(runId: string): Date | null {
  const match = shape.exec(runId);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(instant.getTime()) || runIdOf(instant) !== runId ? null : instant;
}
