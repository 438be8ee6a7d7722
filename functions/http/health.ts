/** GET /api/health: the one route without sign-in. Says whether the app can do its work, and nothing about what it holds. */
import { health } from '../../shared/domain/answers.ts';
import { registerRoute } from './route.ts';

registerRoute('getHealth', {
  method: 'GET',
  route: 'health',
  summary: 'Whether the app can do its work.',
  roles: null,
  apps: 'all',
  answers: {
    200: { description: 'It can.', schema: health },
    503: { description: 'It cannot, or what it stores could be altered.', schema: health },
  },
  handler: async ({ app, events }) => {
    const status = app.status(events);
    const [immutability, hostStorage] = await Promise.all([
      status.immutability(),
      status.storageTime().then(
        () => 'reachable' as const,
        () => 'unreachable' as const,
      ),
    ]);
    const parts = { hostStorage, immutability };
    if (immutability === 'policy' && hostStorage === 'reachable')
      return { status: 200, jsonBody: { status: 'healthy' as const, ...parts } };
    return { status: 503, jsonBody: { status: 'unhealthy' as const, ...parts } };
  },
});
