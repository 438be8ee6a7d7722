/**
 * Requests that nobody should send, to every route of both apps over real storage: each is answered with what the
 * route documents, and what goes wrong is a problem that says what to do. Nothing is a 500.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { HttpRequest } from '@azure/functions';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Operation } from '../../functions/http/operations.ts';
import { type Azurite, startAzurite } from '../local/azurite.ts';
import { invocation, load, type Registration, unload } from '../unit/functions/functionApp.ts';
import { junk, seed, spoiled } from '../unit/fuzz/junk.ts';

let azurite: Azurite;
let registered: Registration[];
let operations: ReadonlyMap<string, Operation>;

beforeAll(async () => {
  azurite = await startAzurite();
  const { connectionString } = azurite;
  for (const container of ['backups', 'audit', 'safety', 'state'])
    await BlobServiceClient.fromConnectionString(connectionString).createContainer(container);
  await storePoint(connectionString);
  for (const queue of ['backup-jobs-0', 'restore-jobs', 'verify-jobs'])
    await QueueServiceClient.fromConnectionString(connectionString).createQueue(queue);
  const settings = {
    AzureWebJobsStorage: connectionString,
    BackupStorage: connectionString,
    API_AUTH: 'key',
  };
  ({ registered } = await load(() => import('../../functions/main.ts'), settings));
  ({ operations } = await import('../../functions/http/operations.ts'));
});
afterAll(async () => {
  unload();
  await azurite?.stop();
});

/** So that what is asked for can be there. */
async function storePoint(connectionString: string): Promise<void> {
  const golden = (name: string) =>
    readFileSync(path.join(import.meta.dirname, '../golden', name), 'utf8').replaceAll(
      'contoso-payments',
      'contoso',
    );
  const backups = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('backups');
  const put = (name: string, content: string) =>
    backups.getBlockBlobClient(name).upload(content, Buffer.byteLength(content));
  const index = golden('index-1.0.0.ndjson');
  const sha256 = createHash('sha256').update(index).digest('hex');
  const point = JSON.parse(golden('recovery-point-1.0.0.json')) as { runId: string; index: object };
  const blob = `contoso/runs/${point.runId}/objects.${sha256.slice(0, 16)}.ndjson`;
  await put(blob, index);
  const sealed = JSON.stringify({ ...point, index: { ...point.index, blob, sha256 } });
  await put(`contoso/recovery-points/${point.runId}.json`, sealed);
}

const text = fc.oneof(
  junk.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
  fc.constantFrom('contoso', 'contoso-dr', 'latest', '20261122T020000Z', '20261122T020000Z-00000000000a'),
);
const pathText = text.map((value) => value.slice(0, 200));
const fields = ['vault', 'plan', 'full', 'objects', 'target', 'at', 'recoveryPoint', 'reason', 'dryRun'];
/** Bodies that are right but for one place, and ones that never were. */
const good = [
  { vault: 'contoso', full: true },
  { plan: 'payments' },
  { vault: 'contoso', recoveryPoint: 'latest' },
  { vault: 'contoso', recoveryPoint: 'latest', target: 'contoso-dr' },
  {
    vault: 'contoso',
    at: '2026-11-22T02:00:00Z',
    objects: ['secrets/*'],
    target: 'contoso-dr',
    onConflict: 'skip',
    reason: 'a test',
    dryRun: true,
  },
];
const body = fc.oneof(
  fc
    .constantFrom(...good)
    .chain(spoiled)
    .map((value) => JSON.stringify(value)),
  fc.dictionary(fc.constantFrom(...fields), junk).map((value) => JSON.stringify(value)),
  junk.map((value) => JSON.stringify(value)),
  fc.constantFrom('', '{', '[1', '\u0000', `{"a":${'['.repeat(2_000)}`, '{"__proto__":{"vault":"contoso"}}'),
);

const problem = z.object({
  status: z.int(),
  code: z.string(),
  detail: z.string().min(1),
  hint: z.string().min(1),
});

test('every route', async () => {
  const routes = registered.filter(({ kind }) => kind === 'http');
  expect(routes.length).toBeGreaterThan(14);
  for (const { name, options } of routes) {
    const operation = operations.get(name);
    if (!operation) throw new Error(`${name} is documented nowhere`);
    const known = Object.keys(operation.query?.shape ?? { at: 0 });
    const request = fc.record({
      params: fc.dictionary(fc.constantFrom('vault', 'id', 'runId'), pathText),
      query: fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.constant('other')), pathText, {
        maxKeys: 3,
      }),
      content: body,
      key: fc.option(pathText, { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ params, query, content, key }) => {
        const { context, logged } = invocation();
        const answer = (await options.handler(
          requestOf(operation, { params, query, content, key }),
          context,
        )) as {
          status?: number;
          body?: string;
        };
        const { status = 200 } = answer;
        if (Object.keys(operation.answers).includes(String(status))) return;
        const said = status < 500 ? '' : logged.map((line) => line.text).join();
        expect([name, said]).toEqual([name, '']);
        expect(problem.parse(JSON.parse(answer.body ?? ''))).toMatchObject({ status });
      }),
      { seed, numRuns: 15 },
    );
  }
});

function requestOf(
  { method }: Operation,
  {
    params,
    query,
    content,
    key,
  }: { params: Record<string, string>; query: Record<string, string>; content: string; key: string | null },
): HttpRequest {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (key !== null) headers['idempotency-key'] = encodeURIComponent(key.replaceAll(/[\ud800-\udfff]/g, ''));
  return new HttpRequest({
    method,
    url: 'http://localhost/api/some',
    params,
    query,
    headers,
    ...(method === 'POST' ? { body: { string: content } } : {}),
  });
}
