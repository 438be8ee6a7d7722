/**
 * The decisions of a monitored timer (`TimerListener.cs`, `ScheduleMonitor.cs`), without clock or storage: what is
 * stored at start and whether that is past due, and what is stored after a run.
 */
import type { CronSchedule } from './cron.ts';
import type { ScheduleStatus } from './timerStatus.ts';

export interface StartState {
  status: ScheduleStatus;
  /** The status differs from what is stored. */
  changed: boolean;
  isPastDue: boolean;
}

export function statusAtStart(stored: ScheduleStatus | undefined, cron: CronSchedule, now: Date): StartState {
  if (stored === undefined) {
    const status = { last: undefined, next: cron.next(now), lastUpdated: now };
    return { status, changed: true, isPastDue: false };
  }
  const since = stored.last ?? stored.lastUpdated;
  const expected = cron.next(since);
  if (expected.getTime() === stored.next.getTime()) {
    return { status: stored, changed: false, isPastDue: now > stored.next };
  }
  // The cron text changed: an occurrence that only the new text has is not one that was missed.
  const status =
    now > expected
      ? { last: undefined, next: cron.next(now), lastUpdated: now }
      : { last: undefined, next: expected, lastUpdated: since };
  return { status, changed: true, isPastDue: false };
}

/**
 * A tick that fires a little early counts as the occurrence it was meant for; otherwise that one would fire twice. A
 * run out of turn (past due, on startup) counts from its own time.
 */
export function statusAfterRun(
  before: ScheduleStatus,
  cron: CronSchedule,
  invokedAt: Date,
  outOfTurn: boolean,
): ScheduleStatus {
  const last = !outOfTurn && before.next > invokedAt ? before.next : invokedAt;
  return { last, next: cron.next(last), lastUpdated: last };
}
