/**
 * Whether a vault's backups are as they should be, judged from its recovery points and its plan's schedule. Pure.
 * A run may take until its deadline, so the instant that counts is the last one whose deadline is past.
 */
import type { Plan } from '../domain/plans.ts';
import { type RunId, runIdOf } from '../domain/runId.ts';

export interface PointSeen {
  readonly runId: RunId;
  readonly status: string | null;
  readonly sealedAt: Date;
}

export interface Staleness {
  /** The instant that should have a complete point by now. */
  readonly due: RunId;
  readonly lastComplete: RunId | null;
  readonly ageSeconds: number | null;
}

/** Null if the newest complete point is not older than the last due instant; also for a vault that never had one. */
export function staleness(plan: Plan, points: readonly PointSeen[], now: Date): Staleness | null {
  const due = plan.schedule.latestAtOrBefore(new Date(now.getTime() - plan.deadlineMinutes * 60_000));
  if (!due) return null;
  const last = points.filter(({ status }) => status === 'complete').at(-1);
  if (last && last.runId >= runIdOf(due)) return null;
  return {
    due: runIdOf(due),
    lastComplete: last?.runId ?? null,
    ageSeconds: last ? Math.round((now.getTime() - last.sealedAt.getTime()) / 1000) : null,
  };
}

/** Seconds until the newest point that is not failed expires, if that is within `warnBeforeMs`; else null. */
export function lastCopyExpiresIn(
  points: readonly PointSeen[],
  now: Date,
  retentionMs: number,
  warnBeforeMs: number,
): number | null {
  const last = points.filter(({ status }) => status !== 'failed').at(-1);
  if (!last) return null;
  const leftMs = last.sealedAt.getTime() + retentionMs - now.getTime();
  return leftMs <= warnBeforeMs ? Math.round(leftMs / 1000) : null;
}
