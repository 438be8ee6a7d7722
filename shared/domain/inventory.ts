/**
 * Whose versions a run lists: every object's at least once in FULL_EVERY_DAYS, and about as many in each run. Pure.
 *
 * Each object has moments of its own, one per period, placed by a hash of its name; the first run after such a moment
 * looks, and so does each after that until a look succeeds. So runs look at even shares, also after a long outage. The
 * period is a day shorter than it might be: one look that fails costs nothing.
 */
import { type ObjectRef, objectKey, sha256Hex } from './objects.ts';

const dayMs = 86_400_000;
/** Of the moments, those of the hour before the first run are its own; the next runs come to the rest in time. */
const firstWindowMs = 3_600_000;

export interface Inventoried extends ObjectRef {
  readonly versionsSeenAt: string | null;
  /** When its blob was captured, if that was an earlier run: it is known at least since then. */
  readonly capturedAt: string | null;
}

export interface InventoryRules {
  readonly startedAt: Date;
  /** When the run before began; null if there is none. */
  readonly previousAt: Date | null;
  readonly everyDays: number;
}

export function isDueForInventory(object: Inventoried, rules: InventoryRules): boolean {
  const now = rules.startedAt.getTime();
  const periodMs = rules.everyDays * dayMs;
  const sinceMs = rules.previousAt ? now - rules.previousAt.getTime() : firstWindowMs;
  const known = object.versionsSeenAt ?? object.capturedAt;
  const knownMs = known === null ? now - sinceMs : Date.parse(known);
  // Runs that are further apart than a day: by the next one it would be too late.
  const lateByNext = known !== null && knownMs <= now + sinceMs - periodMs;
  return lateByNext || lastMoment(object, now, Math.max(periodMs / 2, periodMs - dayMs)) > knownMs;
}

/** The object's last moment at or before now. */
function lastMoment(object: ObjectRef, now: number, everyMs: number): number {
  const fraction = Number.parseInt(sha256Hex(objectKey(object)).slice(0, 8), 16) / 2 ** 32;
  const phase = Math.floor(fraction * everyMs);
  return Math.floor((now - phase) / everyMs) * everyMs + phase;
}
