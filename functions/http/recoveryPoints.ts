/** GET a vault's recovery points, newest first; one of them, or `latest`; and the objects that one accounts for. */
import { objectList, pointList } from '../../shared/domain/answers.ts';
import { recoveryPoint } from '../../shared/domain/recoveryPoint.ts';
import { Problem } from './problem.ts';
import { anyVaultParam, type Call, registerRoute, vaultParam } from './route.ts';

const route = 'vaults/{vault}/recovery-points';
const problems = { 400: 'The vault is no name.', 404: 'There is no such vault or recovery point.' };

registerRoute('getRecoveryPoints', {
  method: 'GET',
  route,
  summary: 'The recovery points of a vault, newest first.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  answers: {
    200: {
      description: 'Also of a vault that no plan has any more.',
      schema: pointList,
    },
  },
  problems,
  handler: async (call) => {
    const vault = anyVaultParam(call);
    const points = await call.app.status(call.events).points(vault);
    // A vault that no plan has is known by its points alone; without any, the name is a mistake.
    if (points.length === 0) vaultParam(call);
    return {
      status: 200,
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
  summary: 'One recovery point, by its run id or as `latest`.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  answers: { 200: { description: 'As it is stored.', schema: recoveryPoint } },
  problems,
  handler: async (call) => ({
    status: 200,
    jsonBody: orNotFound(call, await call.app.status(call.events).point(anyVaultParam(call), idOf(call))),
  }),
});

registerRoute('getRecoveryPointObjects', {
  method: 'GET',
  route: `${route}/{id}/objects`,
  summary: 'What a recovery point accounts for.',
  roles: ['Backup.Read', 'Restore.Execute'],
  apps: 'both',
  answers: {
    200: {
      description: 'One line per object, after the index’s digest was compared.',
      schema: objectList,
    },
  },
  problems,
  handler: async (call) => ({
    status: 200,
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
