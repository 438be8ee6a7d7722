/** GET /api/health: the one route without sign-in. Says whether the app can do its work, and nothing about what it holds. */
import { registerRoute } from './route.ts';

registerRoute('getHealth', {
  method: 'GET',
  route: 'health',
  roles: null,
  apps: 'both',
  handler: async ({ app, events }) => {
    const status = app.status(events);
    const [immutability, hostStorage] = await Promise.all([
      status.immutability(),
      status.storageTime().then(
        () => 'reachable' as const,
        () => 'unreachable' as const,
      ),
    ]);
    const healthy = immutability === 'policy' && hostStorage === 'reachable';
    return {
      status: healthy ? 200 : 503,
      jsonBody: { status: healthy ? 'healthy' : 'unhealthy', hostStorage, immutability },
    };
  },
});
