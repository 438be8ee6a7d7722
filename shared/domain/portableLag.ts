/**
 * Whether portable copies come when they should. A dead app cannot say so itself; what it left in the container is
 * compared with the points that were to be copied. Pure.
 */
import type { RunId } from './runId.ts';

export interface SealedAt {
  readonly runId: RunId;
  readonly status: string | null;
  readonly sealedAt: Date;
}

export interface PortableLag {
  /** The oldest recovery point that neither it nor a newer one has copies of. */
  readonly runId: RunId;
  /** How long nothing came of it. */
  readonly seconds: number;
}

/** The app looks every five minutes, and may have a bad quarter of an hour. */
const graceMs = 30 * 60_000;

/**
 * The app copies the newest point that is not failed, one at a time, and seals at its deadline at the latest. So the
 * next seal is due a deadline after the first point that waits was sealed, or after the copies before it were.
 */
export function portableLag(
  points: readonly SealedAt[],
  latest: SealedAt | null,
  { deadlineMinutes, retentionMs, now }: { deadlineMinutes: number; retentionMs: number; now: Date },
): PortableLag | null {
  const waits = points.find(
    ({ runId, status, sealedAt }) =>
      status !== 'failed' &&
      (latest === null || runId > latest.runId) &&
      now.getTime() - sealedAt.getTime() < retentionMs,
  );
  if (!waits) return null;
  const since = Math.max(waits.sealedAt.getTime(), latest?.sealedAt.getTime() ?? 0);
  const waitedMs = now.getTime() - since;
  if (waitedMs <= deadlineMinutes * 60_000 + graceMs) return null;
  return { runId: waits.runId, seconds: Math.round(waitedMs / 1000) };
}
