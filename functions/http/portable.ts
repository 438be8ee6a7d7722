/** POST /api/portable-copies starts a vault's copies now rather than at the next look; GET shows what was sealed. */
import { z } from 'zod';
import { portableLine, portablePoint } from '../../shared/domain/portablePoint.ts';
import { Problem } from './problem.ts';
import { anyVaultParam, bodyOf, registerRoute } from './route.ts';

const body = z.strictObject({
  vault: z
    .string('write the name of a vault')
    .regex(/^[0-9A-Za-z-]{1,63}$/, 'write the name of a vault')
    .describe('One whose plan has `portable`.'),
});

registerRoute('postPortableCopies', {
  method: 'POST',
  route: 'portable-copies',
  summary: 'Starts the portable copies of a vault’s newest recovery point, if it has none yet.',
  roles: ['Backup.Run'],
  apps: 'portable',
  body,
  answers: {
    202: {
      description: '`started`, or why not: `busy`, `upToDate`, `noPoint`.',
      schema: z.object({
        vault: z.string(),
        result: z.enum(['started', 'busy', 'upToDate', 'noPoint']),
      }),
    },
  },
  problems: { 404: 'No plan wants portable copies of that vault.' },
  handler: async ({ request, app, events }) => {
    const { vault } = await bodyOf(request, body);
    const result = await app.startPortable(vault, events);
    if (result === null)
      throw new Problem(
        'notFound',
        `vault: no plan wants portable copies of "${vault}"`,
        'Add portable to the plan of the vault, in the settings of the portable app too.',
      );
    return { status: 202, jsonBody: { vault, result } };
  },
});

registerRoute('getPortableCopies', {
  method: 'GET',
  route: 'vaults/{vault}/portable-copies/{id}',
  summary: 'The portable copies of a recovery point, by its run id, or the `latest`.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'all',
  answers: {
    200: {
      description: 'The seal, and one line per object. No value is in it.',
      schema: z.object({ copies: portablePoint, objects: z.array(portableLine) }),
    },
  },
  problems: { 400: 'The vault is no name.', 404: 'There are none (yet).' },
  handler: async (call) => {
    const vault = anyVaultParam(call);
    const id = call.request.params['id'] ?? '';
    const found = await call.app.portableCopies(vault, id);
    if (!found)
      throw new Problem(
        'notFound',
        `${vault} has no portable copies of "${id}"`,
        'They are made minutes after a recovery point, where the plan has portable; ask for latest, or a run id.',
      );
    return { status: 200, jsonBody: found };
  },
});
