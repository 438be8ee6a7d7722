/**
 * NCRONTAB as the timer trigger reads it: six fields (five: no seconds) in UTC, names, `* , - /` and nothing else, day
 * of month AND day of week. croner does the arithmetic; what it accepts beyond NCRONTAB is refused here.
 */
import { Cron } from 'croner';
import { messageOf } from './errors.ts';

export interface CronSchedule {
  /** The first occurrence strictly after. */
  next(after: Date): Date;
  /** Such schedules are not monitored (timers extension `TimerTriggerAttributeBindingProvider`). */
  moreThanOnceAMinute: boolean;
}

const NAMES = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat';
const ITEM = new RegExp(String.raw`^(?:\*|(?:\d+|${NAMES})(?:-(?:\d+|${NAMES}))?)(?:/\d+)?$`, 'i');
const LOOKED_AT = 120; // occurrences: enough to see two within one minute in any listed-seconds schedule

export function parseSchedule(text: string, where: string): CronSchedule {
  const refuse = (reason: string) =>
    new Error(
      `${where}: the schedule expression "${text}" was not recognized as a valid NCRONTAB expression: ${reason}`,
    );
  const fields = text.trim().split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6)
    throw refuse('it must have six fields: {second} {minute} {hour} {day} {month} {day of week}.');
  for (const item of fields.flatMap((field) => field.split(','))) {
    if (!ITEM.test(item))
      throw refuse(`"${item}" is neither a value, a range, nor a step of numbers or names.`);
  }
  if (/\b7\b/.test((fields[5] ?? '').replaceAll(/\/\d+/g, '')))
    throw refuse('days of the week go from 0 (Sunday) to 6.');
  let cron: Cron;
  try {
    cron = new Cron(fields.join(' '), {
      mode: '6-part',
      timezone: 'UTC',
      domAndDow: true,
      sloppyRanges: true, // NCRONTAB reads 5/15 as "from 5, every 15"
      paused: true,
    });
  } catch (error) {
    throw refuse(messageOf(error));
  }
  if (cron.nextRun() === null) throw refuse('it never occurs.');
  return {
    next: (after) => {
      const next = cron.nextRun(after);
      if (next === null) throw refuse(`it does not occur after ${after.toISOString()}.`);
      return next;
    },
    moreThanOnceAMinute: hasTwoInOneMinute(cron),
  };
}

function hasTwoInOneMinute(cron: Cron): boolean {
  const runs = cron.nextRuns(LOOKED_AT, new Date(0));
  return runs.some((run, index) => {
    const before = runs[index - 1];
    return before !== undefined && run.getTime() - before.getTime() < 60_000;
  });
}
