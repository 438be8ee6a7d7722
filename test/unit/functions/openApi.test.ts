/** The OpenAPI document: valid, of every route of every role and of no other, with the answers of each. */

import { HttpRequest } from '@azure/functions';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterEach, expect, test } from 'vitest';
import { invocation, load, unload } from './functionApp.ts';

afterEach(unload);

const importMain = () => import('../../../functions/main.ts');

interface Operation {
  operationId: string;
  tags: string[];
  security: object[];
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, { schema: { required?: string[] } }> };
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

async function documentOf(role: string) {
  const { registered } = await load(importMain, { APP_ROLE: role, API_AUTH: 'key' });
  const route = registered.find(({ name }) => name === 'getOpenApi');
  if (!route) throw new Error('it is not registered');
  const request = new HttpRequest({ method: 'GET', url: 'https://app/api/openapi.json' });
  const answer = (await route.options.handler(request, invocation().context)) as { jsonBody: Document };
  return { registered, document: answer.jsonBody };
}
const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test('it is valid OpenAPI 3.1', async () => {
  const { document } = await documentOf('all');
  const validator = new Validator();
  expect(await validator.validate({ ...structuredClone(document) })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('it has every route that is registered, and no other', async () => {
  const { document, registered } = await documentOf('all');
  const routes = registered
    .filter(({ kind }) => kind === 'http')
    .map(({ name, options }) => `${name} ${String(options['methods'])} /${String(options['route'])}`);
  const documented = operationsOf(document).map(
    ({ path, method, operation }) => `${operation.operationId} ${method.toUpperCase()} ${path}`,
  );
  expect(documented.length).toBeGreaterThanOrEqual(11);
  expect(documented.toSorted()).toEqual(routes.toSorted());
});

test('both apps serve the same one, which tells whose a route is', async () => {
  const { document } = await documentOf('backup');
  expect((await documentOf('restore')).document).toEqual(document);
  const tags = Object.fromEntries(
    operationsOf(document).map(({ operation }) => [operation.operationId, operation.tags]),
  );
  expect(tags).toMatchObject({
    postBackups: ['backup app'],
    postRestores: ['restore app'],
    getRecoveryPoints: ['backup app', 'restore app'],
  });
});

test('every route but health wants a key or a role, and says what it answers without', async () => {
  const { document } = await documentOf('all');
  expect(document.paths['/health']?.['get']?.security).toEqual([]);
  const others = operationsOf(document).filter(({ path }) => path !== '/health');
  for (const { security, responses } of others.map(({ operation }) => operation)) {
    expect(security).toContainEqual({ functionKey: [] });
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '500', '503']));
  }
  expect(document.paths['/restores']?.['post']?.security).toEqual([
    { entra: ['Restore.Execute'] },
    { functionKey: [] },
  ]);
});

test('what is asked is as the code reads it: defaults are optional, headers and path parameters named', async () => {
  const post = (await documentOf('all')).document.paths['/restores']?.['post'];
  expect(post?.requestBody?.content['application/json']?.schema).toMatchObject({
    required: ['vault', 'objects', 'target', 'reason'],
    additionalProperties: false,
    properties: { onConflict: { default: 'fail', enum: ['fail', 'skip', 'replace'] } },
  });
  expect(post?.parameters).toMatchObject([{ name: 'idempotency-key', in: 'header', required: false }]);
  const get = (await documentOf('all')).document.paths['/backups/{vault}/{runId}']?.['get'];
  expect(get?.parameters.map((parameter) => [parameter.name, parameter.in, parameter.required])).toEqual([
    ['vault', 'path', true],
    ['runId', 'path', true],
  ]);
});

test('what is answered stays open for more fields, and what is stored is described once', async () => {
  const { document } = await documentOf('all');
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(['RecoveryPoint', 'ObjectLine', 'Restore', 'VaultOverview', 'Problem']),
  );
  expect(JSON.stringify(document.components.schemas)).not.toContain('"additionalProperties":false');
  const answer = document.paths['/vaults/{vault}/recovery-points/{id}']?.['get']?.responses['200'];
  expect(answer?.content['application/json']?.schema).toEqual({ $ref: '#/components/schemas/RecoveryPoint' });
});
