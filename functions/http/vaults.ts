/** GET /api/vaults: every vault of every plan, its active run and the age of its latest recovery point. */
import { vaultList } from '../../shared/domain/answers.ts';
import { registerRoute } from './route.ts';

registerRoute('getVaults', {
  method: 'GET',
  route: 'vaults',
  summary: 'Every vault of every plan.',
  roles: ['Backup.Read'],
  answers: {
    200: { description: 'In the order of the plans.', schema: vaultList },
  },
  handler: async ({ app, events }) => ({
    status: 200,
    jsonBody: { vaults: await app.status(events).vaults() },
  }),
});
