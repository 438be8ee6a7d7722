/** POST /api/diffs compares a recovery point with a live vault, as a job; GET shows how far it is and what it found. */
import { z } from 'zod';
import { diffAccepted } from '../../shared/domain/answers.ts';
import { type DiffRequest, type DiffState, diffDetail, diffRequest } from '../../shared/domain/liveDiff.ts';
import { runsBackups, runsRestores } from '../app.ts';
import { pageQuery } from './diff.ts';
import { Problem } from './problem.ts';
import { bodyOf, type Call, queryOf, registerRoute } from './route.ts';

const pollEverySeconds = '5';
const retryAfter = { 'retry-after': 'Seconds until it is worth asking again.' };

registerRoute('postDiffs', {
  method: 'POST',
  route: 'diffs',
  summary:
    'Compares a recovery point with the vault itself (backup app) or with a restore target (restore app).',
  roles: ['Backup.Run', 'Restore.Execute'],
  apps: 'both',
  body: diffRequest,
  answers: {
    202: {
      description: 'Accepted.',
      schema: diffAccepted,
      headers: { location: 'Where to look at it.', ...retryAfter },
    },
  },
  problems: { 404: 'There is no such vault or recovery point.' },
  handler: async (call) => {
    const request = await bodyOf(call.request, diffRequest);
    const { id, point } = await call.app.requestDiff(request, liveOf(call, request), call.events);
    return {
      status: 202,
      headers: { location: `/api/diffs/${id}`, 'retry-after': pollEverySeconds },
      jsonBody: { id, recoveryPoint: point.runId },
    };
  },
});

/** Each app calls only its own vaults. */
function liveOf({ app }: Call, { vault, target }: DiffRequest): DiffState['live'] {
  if (target !== undefined) {
    const found = runsRestores ? app.findTarget(vault, target) : null;
    if (found) return { name: found.name, role: 'target' };
    throw new Problem(
      'forbidden',
      runsRestores
        ? `target: ${target} is no restore target of ${vault}`
        : 'target: this app does not call restore targets',
      'Ask the restore app, for a target that RESTORE_TARGETS lists under its source.',
    );
  }
  const found = runsBackups ? app.findVault(vault) : null;
  if (found) return { name: found.vault.name, role: 'source' };
  if (!runsBackups)
    throw new Problem(
      'badRequest',
      'target: name the restore target to compare with; this app does not call sources',
      'Ask the backup app for a comparison with the vault itself.',
    );
  throw new Problem('notFound', `vault: no plan has a vault "${vault}"`, 'GET /api/vaults lists the vaults.');
}

registerRoute('getDiff', {
  method: 'GET',
  route: 'diffs/{id}',
  summary: 'One comparison with a live vault, with what differs.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  query: z.object(pageQuery),
  answers: {
    200: {
      description: 'While it runs and after; kept for some weeks.',
      schema: diffDetail,
      headers: retryAfter,
    },
  },
  problems: { 400: 'That is no id, or no number.', 404: 'There is no such comparison in this app.' },
  handler: async ({ request, app, events }) => {
    const id = request.params['id'] ?? '';
    if (!/^[0-9A-Za-z-]{1,64}$/.test(id))
      throw new Problem('badRequest', 'id: that is no id', 'Use the id of the answer to POST /api/diffs.');
    const { after = null, limit } = queryOf(request, z.object(pageQuery));
    const found = await app.diffDetail(id, { after, limit }, events);
    if (!found)
      throw new Problem(
        'notFound',
        `there is no comparison "${id}"`,
        'Ask the app that took it, or ask for a new one.',
      );
    return found.status === 'running'
      ? { status: 200, headers: { 'retry-after': pollEverySeconds }, jsonBody: found }
      : { status: 200, jsonBody: found };
  },
});
