/** GET a vault's recovery points, newest first; one of them, or `latest`; and the objects that one accounts for. */
import { Problem } from './problem.ts';
import { anyVaultParam, type Call, registerRoute, vaultParam } from './route.ts';

const route = 'vaults/{vault}/recovery-points';

registerRoute('getRecoveryPoints', {
  method: 'GET',
  route,
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  handler: async (call) => {
    const vault = anyVaultParam(call);
    const points = await call.app.status(call.events).points(vault);
    // A vault that no plan has is known by its points alone; without any, the name is a mistake.
    if (points.length === 0) vaultParam(call);
    return {
      jsonBody: {
        recoveryPoints: points.map(({ runId, status, facts }) => ({
          runId,
          status,
          sealedAt: facts.lastModified.toISOString(),
        })),
      },
    };
  },
});

registerRoute('getRecoveryPoint', {
  method: 'GET',
  route: `${route}/{id}`,
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  handler: async (call) => ({
    jsonBody: orNotFound(call, await call.app.status(call.events).point(anyVaultParam(call), idOf(call))),
  }),
});

registerRoute('getRecoveryPointObjects', {
  method: 'GET',
  route: `${route}/{id}/objects`,
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  handler: async (call) => ({
    jsonBody: {
      objects: orNotFound(call, await call.app.status(call.events).objects(anyVaultParam(call), idOf(call))),
    },
  }),
});

const idOf = ({ request }: Call) => request.params['id'] ?? '';

function orNotFound<T>(call: Call, found: T | null): T {
  if (found !== null) return found;
  throw new Problem(
    'notFound',
    `there is no recovery point "${idOf(call)}"`,
    'Use a run id such as 20261122T020000Z, or latest.',
  );
}
