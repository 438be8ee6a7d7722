/** GET /api/vaults/{vault}/diff: what came, changed and went between two recovery points. Names and attributes, never values. */
import { z } from 'zod';
import { pointDiff } from '../../shared/domain/answers.ts';
import { anyVaultParam, queryOf, registerRoute } from './route.ts';

/** What a page of objects is asked with. */
export const pageQuery = {
  after: z.string().max(200).optional().describe('The `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(5000).default(1000).describe('Objects per page.'),
};
const which = 'write a run id such as 20261122T020000Z, an instant such as 2026-11-22T05:00:00Z, or latest';
const query = z.object({
  from: z
    .string({ error: which })
    .max(64)
    .describe('A run id, an instant (the newest point sealed by then) or `latest`.'),
  to: z.string().max(64).default('latest').describe('The same; `latest` if left out.'),
  ...pageQuery,
});

registerRoute('getPointDiff', {
  method: 'GET',
  route: 'vaults/{vault}/diff',
  summary: 'What appeared, changed and disappeared between two recovery points.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  query,
  answers: {
    200: {
      description: 'In order of name. For the next page ask with the run ids of this answer and `after`.',
      schema: pointDiff,
    },
  },
  problems: { 400: 'A parameter is no point or number.', 404: 'There is no such recovery point.' },
  handler: async (call) => {
    const vault = anyVaultParam(call);
    const { after = null, ...asked } = queryOf(call.request, query);
    const { from, to, counts, unknown, objects, next } = await call.app.diffPoints(
      { vault, after, ...asked },
      call.events,
    );
    return {
      status: 200,
      jsonBody: {
        vault,
        from: brief(from),
        to: brief(to),
        counts,
        unknown: [...unknown],
        objects: [...objects],
        next,
      },
    };
  },
});

const brief = ({ runId, status, sealedAt }: z.infer<typeof pointDiff>['from']) => ({
  runId,
  status,
  sealedAt,
});
