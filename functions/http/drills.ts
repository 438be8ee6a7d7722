/** POST /api/drills runs a vault's restore drill now; GET shows the records of those that have ended. */
import { z } from 'zod';
import { drillRecord } from '../../shared/domain/drill.ts';
import { Problem } from './problem.ts';
import { bodyOf, registerRoute } from './route.ts';

const write = 'write the name of a vault';
const vault = z.string(write).regex(/^[0-9A-Za-z-]{1,63}$/, write);
const body = z.strictObject({ vault: vault.describe('A vault of a plan that has a drill.') });

registerRoute('postDrills', {
  method: 'POST',
  route: 'drills',
  summary: 'Runs a restore drill now.',
  roles: ['Restore.Execute'],
  apps: 'restore',
  body,
  answers: {
    202: {
      description: 'Accepted. Its record can be seen when it has ended.',
      schema: z.object({ vault: z.string(), id: z.string(), target: z.string() }),
      headers: { location: 'Where its record will be.' },
    },
  },
  problems: { 404: 'No plan of this app has that vault.' },
  handler: async ({ request, app, events }) => {
    const asked = await bodyOf(request, body);
    const order = await app.requestDrill(asked.vault, events);
    return {
      status: 202,
      headers: { location: `/api/drills/${order.vault}` },
      jsonBody: { vault: order.vault, id: order.id, target: order.target },
    };
  },
});

registerRoute('getDrills', {
  method: 'GET',
  route: 'drills/{vault}',
  summary: 'The restore drills of a vault that have ended, newest first, at most 50.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'restore',
  answers: {
    200: {
      description: 'Their records as they are stored.',
      schema: z.object({ drills: z.array(drillRecord) }),
    },
  },
  problems: { 400: 'That is no name of a vault.' },
  handler: async ({ request, app }) => {
    const name = vault.safeParse(request.params['vault']);
    if (!name.success) throw new Problem('badRequest', `vault: ${write}`, 'GET /api/drills/{vault}.');
    return { status: 200, jsonBody: { drills: await app.listDrills(name.data) } };
  },
});
