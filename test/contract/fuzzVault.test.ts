/**
 * A vault that answers nonsense, on the real SDK clients over TLS: each call ends with what it promises or with one of
 * our errors, and nothing that a vault says becomes a name in storage, or sends our token elsewhere.
 */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyVault } from '../../shared/azure/keyVault.ts';
import { targetVault } from '../../shared/azure/targetVault.ts';
import { BackupError, NotNow } from '../../shared/domain/errors.ts';
import { type Kind, kinds, pluralOf } from '../../shared/domain/objects.ts';
import type { SourceVault } from '../../shared/ports/sourceVault.ts';
import type { TargetVault } from '../../shared/ports/targetVault.ts';
import { makeTls } from '../emulator/tls.ts';
import { trust } from '../local/trust.ts';
import { junk, seed, spoiled, spoiledText } from '../unit/fuzz/junk.ts';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

let server: Server;
let url: string;
let source: SourceVault;
let target: TargetVault;
let answer: Answer = { status: 200, headers: {}, text: '{}' };

beforeAll(async () => {
  const tls = await makeTls();
  trust(tls.ca);
  server = createServer({ cert: tls.cert, key: tls.key }, (request, response) => {
    request.resume();
    const challenge = `Bearer authorization="${url}/tenant", resource="https://vault.azure.net"`;
    if (!request.headers.authorization) response.writeHead(401, { 'www-authenticate': challenge }).end();
    else response.writeHead(answer.status, answer.headers).end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const credential = {
    getToken: async () => ({ token: 'a token', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const options = { name: 'contoso', url, credential, timeoutMs: 20_000 };
  source = keyVault(options);
  target = targetVault(options);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const attributes = {
  enabled: true,
  created: 1_700_000_000,
  updated: 1_700_000_000,
  recoveryLevel: 'Recoverable',
};
const idOf = (kind: Kind, version = '') => `${url}/${pluralOf[kind]}/one${version}`;
const version = '/0123456789abcdef0123456789abcdef';
const item = (kind: Kind) => ({
  id: idOf(kind, version),
  kid: idOf(kind, version),
  recoveryId: `${url}/deleted${pluralOf[kind]}/one`,
  attributes,
  tags: { a: 'b' },
  contentType: 'text/plain',
  x5t: 'vpMf3PPCqUHyOLPqMVhMmGDgjVk',
});
const oddNames = ['..', 'a%2Fb', '%2e%2e', 'a b', 'x'.repeat(200), '', 'a?b', 'ä'];
/** What would be right of some call; a call that it is not the answer of gets a wrong one. */
const right = (kind: Kind) => [
  { value: [item(kind), item(kind)], nextLink: `${url}/${pluralOf[kind]}?$skiptoken=a` },
  ...oddNames
    .map((name) => `${url}/${pluralOf[kind]}/${name}`)
    .map((id) => ({
      value: [{ ...item(kind), id, kid: id, recoveryId: id }],
      nextLink: null,
    })),
  { value: [item(kind)], nextLink: `${url}.example/x` },
  { value: Buffer.from('a backup').toString('base64url') },
  { key: { kid: idOf('key', version), kty: 'EC', crv: 'P-256', x: 'AQ', y: 'Ag' }, ...item('key') },
  { id: `${url}/keys/one/rotationpolicy`, lifetimeActions: [], attributes: { expiryTime: 'P90D' } },
  { ...item(kind), cer: 'AQ', policy: { id: 'x' } },
  { error: { code: 'Forbidden', message: 'no', innererror: { code: 'ForbiddenByRbac' } } },
];

const header = fc.oneof(
  fc.constantFrom('soon', '-1', '1e9', '99999999999999', 'Thu, 01 Jan 1970 00:00:00 GMT', 'x'.repeat(500)),
  fc.string({ maxLength: 20 }).map((text) => encodeURIComponent(text)),
);
const answerOf = (kind: Kind) => {
  const values = fc.constantFrom(...right(kind));
  const text = fc.oneof(
    values.chain(spoiled).map((value) => JSON.stringify(value)),
    values.chain((value) => spoiledText(JSON.stringify(value))),
    values.map((value) => JSON.stringify(value)),
    junk.map((value) => JSON.stringify(value)),
  );
  return fc.record({
    status: fc.oneof(
      { weight: 4, arbitrary: fc.constant(200) },
      fc.constantFrom(201, 202, 203, 206, 302, 400, 401, 403, 404, 409, 412, 418, 429, 500, 501, 503),
    ),
    headers: fc
      .dictionary(fc.constantFrom('date', 'retry-after', 'x-ms-keyvault-region', 'location'), header)
      .map((headers) => ({ 'content-type': 'application/json', ...headers })),
    text,
  });
};

type Ask = (kind: Kind) => Promise<unknown>;
const ref = (kind: Kind) => ({ kind, name: 'one' });
const calls: readonly (readonly [string, Ask])[] = [
  ['list', (kind) => source.listPage(kind, null)],
  ['backup', (kind) => source.backup(ref(kind))],
  ['versions', (kind) => source.versionsPage(ref(kind), null)],
  ['current key', () => source.currentKey('one')],
  ['rotation policy', () => source.rotationPolicy('one')],
  ['list of a target', (kind) => target.listPage(kind, null)],
  ['list of what it deleted', (kind) => target.listDeletedPage(kind, null)],
  ['restore', (kind) => target.restore(kind, Buffer.from('a backup'))],
  ['delete', (kind) => target.remove(ref(kind))],
  ['purge', (kind) => target.purge(ref(kind))],
];

/** What is wrong with a result or an error, in words. */
function problemsOf(result: unknown): string[] {
  if (result instanceof Error) {
    const isOurs = result instanceof BackupError || result instanceof NotNow;
    const isTold = !/is not a function|is not iterable|Cannot read properties|Invalid time/.test(
      result.message,
    );
    return isOurs && isTold ? [] : [`${result.name}: ${result.message}`];
  }
  const { objects, next, bytes } = (result ?? {}) as {
    objects?: { name: string }[];
    next?: string | null;
    bytes?: Uint8Array;
  };
  const odd = (objects ?? []).filter(({ name }) => !/^[0-9A-Za-z-]{1,127}$/.test(name));
  return [
    ...odd.map(({ name }) => `an object of the name ${name}`),
    ...(next && new URL(next).origin !== url ? [`a link to ${next}`] : []),
    ...(bytes && !(bytes.length > 0) ? ['no bytes'] : []),
  ];
}

test.each(calls)('%s', async (_name, ask) => {
  const asked = fc.constantFrom(...kinds).chain((kind) => fc.tuple(fc.constant(kind), answerOf(kind)));
  await fc.assert(
    fc.asyncProperty(asked, async ([kind, said]) => {
      answer = said;
      const result = await ask(kind).catch((error: unknown) => error);
      expect(problemsOf(result)).toEqual([]);
    }),
    { seed, numRuns: 60 },
  );
});
