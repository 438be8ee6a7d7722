/** POST /api/restores asks for a restore; GET shows one with every object's outcome, or all of them. */
import type { HttpRequest } from '@azure/functions';
import { restoreRequest } from '../../shared/domain/restoreRequest.ts';
import { callerOf } from './principal.ts';
import { Problem } from './problem.ts';
import { bodyOf, type Call, registerRoute } from './route.ts';

const pollEverySeconds = '5';

registerRoute('postRestores', {
  method: 'POST',
  route: 'restores',
  roles: ['Restore.Execute'],
  apps: 'restore',
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
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'restore',
  handler: async ({ app, events }) => ({ jsonBody: { restores: await app.listRestores(events) } }),
});

registerRoute('getRestore', {
  method: 'GET',
  route: 'restores/{id}',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'restore',
  handler: async (call) => {
    const found = await call.app.restoreDetail(idOf(call), call.events);
    if (!found)
      throw new Problem('notFound', `there is no restore "${idOf(call)}"`, 'GET /api/restores lists them.');
    return found.status === 'running'
      ? { headers: { 'retry-after': pollEverySeconds }, jsonBody: found }
      : { jsonBody: found };
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
