/**
 * Which of the named blobs a daily verification reads whole: every one that no verification has seen yet, and a share
 * of the others that rotates by day, so that each is read at least once in VERIFY_EVERY_DAYS. A blob's share follows
 * from its name alone, so there is no ledger to lose; days that were missed are caught up.
 */
import { createHash } from 'node:crypto';
import { parseSchedule } from './schedule.ts';

/** Daily, after the usual hours of backups. The instant names the day's verification of each vault. */
export const dailyVerification = '0 30 5 * * *';
const parsed = parseSchedule(dailyVerification);
if ('problem' in parsed) throw new Error(parsed.problem);
export const dailySchedule = parsed;

const dayMs = 86_400_000;

export const dayOf = (instant: string): number => Math.floor(Date.parse(instant) / dayMs);

/** The day in the rotation on which a blob is due. */
export const shareOf = (blob: string, everyDays: number): number =>
  createHash('sha256').update(blob).digest().readUInt32BE(0) % everyDays;

export interface Rotation {
  /** When the verification that this one goes on from looked; null: every blob is due. */
  readonly since: string | null;
  readonly now: string;
  readonly everyDays: number;
}

/** Whether the rotation reaches this blob between the days of `since` (not again) and `now` (included). */
export function isDue(blob: string, { since, now, everyDays }: Rotation): boolean {
  if (since === null) return true;
  const today = dayOf(now);
  const missed = today - dayOf(since);
  if (missed >= everyDays) return true;
  const behind = (((today - shareOf(blob, everyDays)) % everyDays) + everyDays) % everyDays;
  return behind < missed;
}
