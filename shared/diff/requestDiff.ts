/** Takes a request for a comparison: chooses the point, writes the state, sends the message; calls no vault. And shows one. */
import { pageAfter } from '../domain/difference.ts';
import type { AdvanceDiff, DiffMessage } from '../domain/jobs.ts';
import type { DiffDetail, DiffRequest, DiffState } from '../domain/liveDiff.ts';
import { runIdOf } from '../domain/runId.ts';
import type { DiffDeps } from './deps.ts';
import { readDiff, readResult, writeDiff } from './diffStore.ts';
import { findPoint } from './findPoint.ts';

const deadlineMs = 4 * 3_600_000;

export async function requestDiff(
  request: DiffRequest,
  live: DiffState['live'],
  deps: DiffDeps,
): Promise<DiffState> {
  const { point, sha256 } = await findPoint(request.vault, request.recoveryPoint, 'recoveryPoint', deps);
  const now = deps.clock.now();
  const startedAt = now.toISOString();
  const diff: DiffState = {
    v: 1,
    id: `${runIdOf(now)}-${deps.newId()}`,
    vault: request.vault,
    live,
    point: { runId: point.runId, sha256 },
    status: 'running',
    reason: null,
    startedAt,
    deadline: new Date(now.getTime() + deadlineMs).toISOString(),
    nextAt: startedAt,
    endedAt: null,
    tries: 0,
    listing: null,
    result: null,
    unknown: [],
    counts: null,
    requests: 0,
  };
  // As for a run: first the message that brings it to its end, then the state, then the message for now.
  const queue = deps.queueOf(live);
  await queue.send(advanceDiffMessage(diff), { delaySeconds: deadlineMs / 1000, neverExpires: true });
  await writeDiff(diff, null, deps);
  await queue.send(advanceDiffMessage(diff));
  return diff;
}

export const advanceDiffMessage = ({ id, live }: Pick<DiffState, 'id' | 'live'>): DiffMessage => ({
  v: 1,
  job: { type: 'advanceDiff', id, vault: live.name },
  notAfter: null,
  attempt: 0,
});

const againAfterSeconds = 30;

/** What the queue gave up on is sent again while the comparison goes on: its deadline ends it. */
export async function handlePoisonedDiff(
  { id }: AdvanceDiff,
  deps: DiffDeps,
): Promise<'sentAgain' | 'dropped'> {
  const found = await readDiff(id, deps);
  if (found?.diff.status !== 'running') return 'dropped';
  await deps
    .queueOf(found.diff.live)
    .send(advanceDiffMessage(found.diff), { delaySeconds: againAfterSeconds });
  return 'sentAgain';
}

export interface DiffPage {
  readonly after: string | null;
  readonly limit: number;
}

export async function diffDetail(
  id: string,
  { after, limit }: DiffPage,
  deps: Pick<DiffDeps, 'state'>,
): Promise<DiffDetail | null> {
  const found = await readDiff(id, deps);
  if (!found) return null;
  const { vault, live, point, status, reason, startedAt, endedAt, unknown, counts, requests, result } =
    found.diff;
  const all = result === null ? [] : await readResult(id, result, deps);
  const { objects, next } = pageAfter(all, after, limit);
  return {
    id,
    vault,
    live,
    recoveryPoint: point.runId,
    status,
    reason,
    startedAt,
    endedAt,
    unknown,
    counts,
    requests,
    objects: [...objects],
    next,
  };
}
