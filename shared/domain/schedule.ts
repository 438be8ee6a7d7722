/**
 * Plan schedules: NCRONTAB with six fields (second minute hour day month weekday), in UTC, checked strictly.
 * Day of month AND day of week must both match, as NCRONTAB does; `L ? # W +` and a Sunday 7 are refused because NCRONTAB knows none.
 * A timer run is named by the schedule's instant, so a tick that comes early, late or twice names the same run.
 */
import { Cron } from 'croner';
import { type RunId, runIdOf } from './runId.ts';

const second = 1000;
/** Timers fire some milliseconds early, and hosts' clocks differ: a tick may be this early. */
const earlyMs = 30 * second;
/** How far back an instant is looked for: longer than any gap of a yearly schedule. */
const lookBackSteps = [1, 2, 32, 370, 1500].map((days) => days * 86_400 * second);

export interface Schedule {
  readonly text: string;
  /** The first instant strictly after `after`, or null if none comes. */
  next(after: Date): Date | null;
  /** The last instant at or before `at`, or null if there was none in the last four years. */
  latestAtOrBefore(at: Date): Date | null;
}

/** Parses a schedule, or says in one sentence what is wrong with it. */
export function parseSchedule(text: string): Schedule | { problem: string } {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) {
    return {
      problem: `has ${fields.length} fields; write six: second minute hour day month weekday, e.g. "0 0 2 * * *"`,
    };
  }
  if (/[^\d *,/-]/.test(fields.join(' ').replace(/\b[A-Z]{3}\b/gi, ''))) {
    return {
      problem: 'uses L, W, ?, # or the like; only numbers, names of three letters, * , - and / are allowed',
    };
  }
  if (/(?<!\/)7|-SUN/i.test(fields[5] ?? ''))
    return { problem: 'counts Sunday as day 7; write 0 for Sunday' };
  let cron: Cron;
  try {
    cron = new Cron(fields.join(' '), { timezone: 'UTC', paused: true, domAndDow: true, mode: '6-part' });
  } catch (error) {
    return { problem: `is not a valid schedule (${error instanceof Error ? error.message : String(error)})` };
  }
  if (!cron.nextRun(new Date())) return { problem: 'never fires' };
  return { text, next: (after) => cron.nextRun(after), latestAtOrBefore: (at) => latestAtOrBefore(cron, at) };
}

function latestAtOrBefore(cron: Cron, at: Date): Date | null {
  for (const back of lookBackSteps) {
    let found = cron.nextRun(new Date(at.getTime() - back));
    if (!found || found > at) continue;
    // Halve the way towards `at` until the next instant lies after it: 40 steps at most, whatever the schedule.
    let from = found.getTime();
    let to = at.getTime();
    while (from < to) {
      const middle = Math.floor((from + to + 1) / 2);
      const candidate = cron.nextRun(new Date(middle - 1));
      if (candidate && candidate <= at) {
        found = candidate;
        from = Math.max(candidate.getTime(), middle);
      } else {
        to = middle - 1;
      }
    }
    return found;
  }
  return null;
}

/** The run that a tick at `now` belongs to: the latest instant at or before now + 30 s (at most half an interval). */
export function runIdForTick(schedule: Schedule, now: Date): RunId | null {
  const last = schedule.latestAtOrBefore(now);
  const next = schedule.next(now);
  const interval = last && next ? next.getTime() - last.getTime() : Number.POSITIVE_INFINITY;
  const isEarly = next && next.getTime() - now.getTime() <= Math.min(earlyMs, interval / 2);
  const instant = isEarly ? next : last;
  return instant && runIdOf(instant);
}
