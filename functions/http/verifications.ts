/** POST /api/verifications checks a vault's backups or one recovery point, now and whole; GET shows what was found. */
import { z } from 'zod';
import { verificationAccepted, verificationView } from '../../shared/domain/answers.ts';
import { verificationIdShape } from '../../shared/domain/blobNames.ts';
import { callerOf } from './principal.ts';
import { Problem } from './problem.ts';
import { bodyOf, registerRoute } from './route.ts';

const pollEverySeconds = '5';
const retryAfter = { 'retry-after': 'Seconds until it is worth asking again.' };
const body = z.strictObject({
  vault: z
    .string('write the name of a vault')
    .regex(/^[0-9A-Za-z-]{1,63}$/, 'write the name of a vault')
    .describe('Also one that no plan has any more.'),
  recoveryPoint: z
    .string('write a run id such as 20261121T020000Z, or latest')
    .regex(/^(\d{8}T\d{6}Z|latest)$/, 'write a run id such as 20261121T020000Z, or latest')
    .optional()
    .describe('Only this one; without it every point that is offered.'),
});

registerRoute('postVerifications', {
  method: 'POST',
  route: 'verifications',
  summary: 'Checks the backups of a vault, or one recovery point, now and whole.',
  roles: ['Backup.Run'],
  body,
  answers: {
    202: {
      description: 'Accepted.',
      schema: verificationAccepted,
      headers: { location: 'Where to look at it.', ...retryAfter },
    },
  },
  problems: { 404: 'There is no recovery point of that vault, or not that one.' },
  handler: async ({ request, app, events }) => {
    const { vault, recoveryPoint: asked = null } = await bodyOf(request, body);
    const name = app.findVault(vault)?.vault.name ?? vault;
    const requestedBy = callerOf(request, app.config);
    const { id, recoveryPoint } = await app.requestVerification(
      { vault: name, recoveryPoint: asked, requestedBy },
      events,
    );
    return {
      status: 202,
      headers: { location: `/api/verifications/${id}`, 'retry-after': pollEverySeconds },
      jsonBody: { id, status: 'running' as const, recoveryPoint },
    };
  },
});

registerRoute('getVerification', {
  method: 'GET',
  route: 'verifications/{id}',
  summary: 'One verification.',
  roles: ['Backup.Read'],
  answers: {
    200: {
      description: 'How far it is, then its record as it is stored.',
      schema: verificationView,
      headers: retryAfter,
    },
  },
  problems: { 400: 'That is no verification id.', 404: 'There is no such verification.' },
  handler: async ({ request, app, events }) => {
    const id = request.params['id'] ?? '';
    if (!verificationIdShape.test(id))
      throw new Problem(
        'badRequest',
        'id: that is no verification id',
        'Use the id of the answer to POST /api/verifications, or of GET /api/vaults.',
      );
    const found = await app.verificationDetail(id, events);
    if (!found)
      throw new Problem(
        'notFound',
        `there is no verification "${id}"`,
        'GET /api/vaults shows the latest of each vault.',
      );
    return found.status === 'running'
      ? { status: 200, headers: { 'retry-after': pollEverySeconds }, jsonBody: found }
      : { status: 200, jsonBody: found };
  },
});
