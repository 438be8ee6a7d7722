/** GET /api/vaults: every vault of every plan, its active run and the age of its latest recovery point. */
import { registerRoute } from './route.ts';

registerRoute('getVaults', {
  method: 'GET',
  route: 'vaults',
  roles: ['Backup.Read'],
  handler: async ({ app, events }) => ({ jsonBody: { vaults: await app.status(events).vaults() } }),
});
