/**
 * Takes a restore request: chooses the point, selects the objects, writes the state, sends the message. Whatever is
 * wrong with the request is said at once; nothing here calls a vault. The same Idempotency-Key and body is the same
 * restore, also when the first attempt died half-way.
 */
import { z } from 'zod';
import { idempotencyName, restoreIdShape } from '../domain/blobNames.ts';
import { BackupError, RequestRefused } from '../domain/errors.ts';
import type { RestoreMessage } from '../domain/jobs.ts';
import { sha256Hex } from '../domain/objects.ts';
import { noRequests } from '../domain/recoveryPoint.ts';
import { type RestoreRequest, selectObjects } from '../domain/restoreRequest.ts';
import type { Caller, RestoreState } from '../domain/restoreState.ts';
import type { RestoreTarget } from '../domain/restoreTargets.ts';
import { runIdOf } from '../domain/runId.ts';
import { parseStored } from '../domain/stored.ts';
import { readIndex } from '../engine/catalog.ts';
import { choosePoint, lacksOf } from './choosePoint.ts';
import type { RestoreDeps } from './deps.ts';
import { copiesOf, inCopies } from './restoreCopies.ts';
import { readRestore, writeRestore } from './restoreStore.ts';

export interface RestoreCall {
  readonly request: RestoreRequest;
  readonly target: RestoreTarget;
  readonly caller: Caller;
  readonly idempotencyKey: string | null;
}

export async function requestRestore(call: RestoreCall, deps: RestoreDeps): Promise<RestoreState> {
  const { request } = call;
  if (request.mode === 'portable' && !call.target.portable)
    throw new RequestRefused(
      'invalid',
      `mode: ${request.target} takes no portable copies`,
      'Set portable for this target in RESTORE_TARGETS, and give the restore app the copies role on it.',
    );
  const { point, sha256 } = await choosePoint(request, deps);
  const index = await readIndex(point, deps);
  const copies = await copiesOf(
    { request, point: { runId: point.runId, sha256 }, takes: call.target.portable },
    deps,
  );
  const { lines, problems } = selectObjects(index, request.objects, inCopies(copies));
  if (problems.length > 0) {
    throw new RequestRefused(
      'invalid',
      `objects: ${problems.join('; ')}`,
      `Look at what recovery point ${point.runId} holds: GET /api/vaults/${point.vault}/recovery-points/${point.runId}/objects.`,
    );
  }
  const id = await idFor(call, deps);
  const known = await readRestore(id, deps);
  const restore =
    known?.restore ??
    newRestore(
      id,
      call,
      { runId: point.runId, status: point.status, sha256, region: point.region },
      lacksOf(point, index),
      deps,
    );
  if (!known) {
    // As for a run: first the message that brings it to its end, then the state.
    const delaySeconds = (Date.parse(restore.deadline) - deps.clock.now().getTime()) / 1000;
    await deps.queue.send(advanceRestoreMessage(id), { delaySeconds, neverExpires: true });
    const written = await writeRestore(restore, null, deps);
    // Who else wrote it, under the same key, has made the same restore; or nobody has, whatever storage said.
    if (!written && !(await readRestore(id, deps)))
      throw new BackupError('unreachable', `the state of restore ${id} was refused, and is not there`, {
        hint: 'Ask again. If it goes on, look at the storage account.',
      });
  }
  if (restore.step !== 'ended') await deps.queue.send(advanceRestoreMessage(id));
  if (!known)
    deps.events.emit('restore.requested', {
      id,
      vault: request.vault,
      target: request.target,
      objects: lines.length,
      dryRun: request.dryRun,
    });
  return restore;
}

export const advanceRestoreMessage = (id: string): RestoreMessage => ({
  v: 1,
  job: { type: 'advanceRestore', id },
  notAfter: null,
  attempt: 0,
});

const keyRecord = z.object({ id: z.string().regex(restoreIdShape), body: z.string() });

/** A new id, or the one that this Idempotency-Key already stands for. */
async function idFor({ request, idempotencyKey }: RestoreCall, deps: RestoreDeps): Promise<string> {
  const fresh = `${runIdOf(deps.clock.now())}-${deps.newId()}`;
  if (idempotencyKey === null) return fresh;
  const name = idempotencyName(sha256Hex(idempotencyKey));
  const body = sha256Hex(JSON.stringify(request));
  await deps.state.create(name, {
    bytes: Buffer.from(JSON.stringify({ id: fresh, body })),
    contentType: 'application/json',
  });
  const found = await deps.state.read(name);
  const record = parseStored(name, found?.bytes ?? '', keyRecord, 'state');
  if (record.body !== body) {
    throw new RequestRefused(
      'conflict',
      `Idempotency-Key: it already stands for restore ${record.id}, which asked for something else`,
      'Use another key for another request.',
    );
  }
  return record.id;
}

function newRestore(
  id: string,
  { request, target, caller }: RestoreCall,
  point: RestoreState['point'],
  lacks: string[],
  deps: RestoreDeps,
): RestoreState {
  const now = deps.clock.now();
  const startedAt = now.toISOString();
  return {
    v: 1,
    id,
    request,
    caller,
    target: {
      name: target.name,
      url: target.url,
      allowReplace: target.allowReplace,
      portable: target.portable,
    },
    point,
    byCopies: false,
    lacks,
    step: 'plan',
    status: 'running',
    reason: null,
    startedAt,
    deadline: new Date(now.getTime() + deps.settings.deadlineMinutes * 60_000).toISOString(),
    nextAt: startedAt,
    endedAt: null,
    planTries: 0,
    auditTries: 0,
    planId: null,
    planned: 0,
    work: 0,
    enqueued: 0,
    throughAt: startedAt,
    settling: { missing: null, progressAt: startedAt, rounds: 0, looks: 0 },
    counts: null,
    bytes: null,
    requests: noRequests,
  };
}
