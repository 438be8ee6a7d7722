/** GET /api/openapi.json: the whole interface, of every app. It holds nothing secret; whoever may call anything may read it. */
import { z } from 'zod';
import { appVersion } from '../../shared/version.ts';
import { openApiDocument } from './openApiDocument.ts';
import { operations } from './operations.ts';
import { registerRoute } from './route.ts';

registerRoute('getOpenApi', {
  method: 'GET',
  route: 'openapi.json',
  summary: 'This document.',
  roles: ['Backup.Read', 'Backup.Run', 'Restore.Execute'],
  apps: 'all',
  answers: {
    200: { description: 'An OpenAPI 3.1 document.', schema: z.record(z.string(), z.unknown()) },
  },
  handler: async () => ({ status: 200, jsonBody: openApiDocument(operations, appVersion) }),
});
