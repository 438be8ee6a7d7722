/** POST /api/restores asks for a restore; GET shows one with every object's outcome, or all of them. */
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { restoreAccepted } from '../../shared/domain/answers.ts';
import { restoreRequest } from '../../shared/domain/restoreRequest.ts';
import { restoreDetail, restoreSummary } from '../../shared/domain/restoreViews.ts';
import { callerOf } from './principal.ts';
import { Problem } from './problem.ts';
import { bodyOf, type Call, registerRoute } from './route.ts';

const pollEverySeconds = '5';
const retryAfter = { 'retry-after': 'Seconds until it is worth asking again.' };

registerRoute('postRestores', {
  method: 'POST',
  route: 'restores',
  summary: 'Asks for a restore.',
  roles: ['Restore.Execute'],
  apps: 'restore',
  headers: z.object({
    'idempotency-key': z
      .string()
      .min(8)
      .max(200)
      .optional()
      .describe('The same key and body is the same restore.'),
  }),
  body: restoreRequest,
  answers: {
    202: {
      description: 'Accepted, or known by its Idempotency-Key.',
      schema: restoreAccepted,
      headers: { location: 'Where to look at it.', ...retryAfter },
    },
  },
  problems: {
    404: 'No recovery point fits.',
    409: 'The Idempotency-Key already stands for another request.',
  },
  handler: async ({ request, app, events }) => {
    const body = await bodyOf(request, restoreRequest);
    const target = app.findTarget(body.vault, body.target);
    if (!target) {
      throw new Problem(
        'forbidden',
        `target: ${body.vault} may not be restored into ${body.target}`,
        'Add it to RESTORE_TARGETS under its source, if that is what you want.',
      );
    }
    if (target.drill) {
      throw new Problem(
        'forbidden',
        `target: ${body.target} is a scratch vault for drills, which delete what lies there`,
        'Restore into another target of RESTORE_TARGETS.',
      );
    }
    const call = {
      request: body,
      target,
      caller: callerOf(request, app.config),
      idempotencyKey: idempotencyKey(request),
    };
    const { id, status, lacks, point } = await app.requestRestore(call, events);
    return {
      status: 202,
      headers: { location: `/api/restores/${id}`, 'retry-after': pollEverySeconds },
      jsonBody: { id, status, recoveryPoint: point.runId, recoveryPointStatus: point.status, lacks },
    };
  },
});

registerRoute('getRestores', {
  method: 'GET',
  route: 'restores',
  summary: 'All restores.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'restore',
  answers: {
    200: { description: 'Newest first.', schema: z.object({ restores: z.array(restoreSummary) }) },
  },
  handler: async ({ app, events }) => ({
    status: 200,
    jsonBody: { restores: await app.listRestores(events) },
  }),
});

registerRoute('getRestore', {
  method: 'GET',
  route: 'restores/{id}',
  summary: 'One restore, with what will become or became of every object.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'restore',
  answers: { 200: { description: 'While it runs and after.', schema: restoreDetail, headers: retryAfter } },
  problems: { 400: 'That is no restore id.', 404: 'There is no such restore.' },
  handler: async (call) => {
    const found = await call.app.restoreDetail(idOf(call), call.events);
    if (!found)
      throw new Problem('notFound', `there is no restore "${idOf(call)}"`, 'GET /api/restores lists them.');
    return found.status === 'running'
      ? { status: 200, headers: { 'retry-after': pollEverySeconds }, jsonBody: found }
      : { status: 200, jsonBody: found };
  },
});

function idOf({ request }: Call): string {
  const id = request.params['id'] ?? '';
  if (/^[0-9A-Za-z-]{1,64}$/.test(id)) return id;
  throw new Problem(
    'badRequest',
    'id: that is no restore id',
    'Use the id of the answer to POST /api/restores.',
  );
}

function idempotencyKey(request: HttpRequest): string | null {
  const key = request.headers.get('idempotency-key');
  if (key !== null && (key.length < 8 || key.length > 200)) {
    throw new Problem('badRequest', 'Idempotency-Key: write 8 to 200 characters', 'A UUID is a good choice.');
  }
  return key;
}
