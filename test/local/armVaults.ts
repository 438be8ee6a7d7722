/**
 * Azure Resource Manager as far as reading a vault goes: the vault, and what other providers keep of it. Strict as Azure is:
 * a Bearer token for the management audience, an api-version that the provider has, GET only; an identity sees a resource
 * only with the very action for it, and hears AuthorizationFailed otherwise, also of what is not there. Lists have pages.
 * Shares no code with the app.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export const subscription = '5f0c3a1e-0d1b-4c55-9d0e-6f6c1c0f7a11';
export const vaultId = (name: string) =>
  `/subscriptions/${subscription}/resourceGroups/rg-kv/providers/Microsoft.KeyVault/vaults/${name}`;

/** What the control plane keeps of a vault, in its own words. */
export interface ArmVault {
  readonly name: string;
  location: string;
  tags: Record<string, string>;
  properties: Record<string, unknown>;
  roleAssignments: Record<string, unknown>[];
  diagnosticSettings: Record<string, unknown>[];
}

/** Versions that the providers publish; another one is refused by name. */
const versions: Readonly<Record<string, RegExp>> = {
  'Microsoft.KeyVault/vaults': /^(2015-06-01|201[689]-\d\d-\d\d|202[1-6]-\d\d-\d\d)(-preview)?$/,
  'Microsoft.Authorization/roleAssignments': /^(2015-07-01|2022-04-01)$/,
  'Microsoft.Insights/diagnosticSettings': /^(2016-09-01|2017-05-01-preview|2021-05-01-preview)$/,
};
const assignmentsPerPage = 2;

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

interface Options {
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer };
  readonly vaults: readonly ArmVault[];
  /** Client id → vault name → the actions it has there. */
  readonly grants: Map<string, Readonly<Record<string, readonly string[]>>>;
}

export async function startArmVaults({ tls, vaults, grants }: Options) {
  const requests: { method: string; path: string; version: string | null; status: number }[] = [];
  const faults: { readonly match: RegExp; readonly status: number; readonly body: string }[] = [];

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', `https://${request.headers.host}`);
    const fault = faults.find(({ match }) => match.test(url.pathname));
    const { status, body } = fault ? { status: fault.status, body: fault.body } : replyTo(request, url);
    requests.push({
      method: request.method ?? '',
      path: url.pathname,
      version: url.searchParams.get('api-version'),
      status,
    });
    request.resume();
    response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'x-ms-request-id': 'arm-1' })
      .end(body);
  }

  function replyTo(request: IncomingMessage, url: URL): { status: number; body: string } {
    const refuse = ({ status, code, message }: Refusal) => ({
      status,
      body: JSON.stringify({ error: { code, message } }),
    });
    const caller = callerOf(request.headers.authorization);
    if (typeof caller !== 'string') return refuse(caller);
    if (request.method !== 'GET')
      return refuse({ status: 405, code: 'MethodNotAllowed', message: 'This server only reads.' });

    const [, id = '', name = '', provider = ''] =
      /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/([^/]+))(?:\/providers\/([^/]+\/[^/]+))?$/i.exec(
        url.pathname,
      ) ?? [];
    const type = Object.keys(versions).find(
      (known) => known.toLowerCase() === (provider || 'Microsoft.KeyVault/vaults').toLowerCase(),
    );
    if (!name || !type)
      return refuse({
        status: 404,
        code: 'InvalidResourceType',
        message: `No resource type for ${url.pathname}`,
      });
    const asked = url.searchParams.get('api-version');
    if (asked === null)
      return refuse({
        status: 400,
        code: 'MissingApiVersionParameter',
        message: 'The api-version query parameter is required.',
      });
    if (!versions[type]?.test(asked))
      return refuse({
        status: 400,
        code: 'InvalidApiVersionParameter',
        message: `The api-version '${asked}' is invalid.`,
      });

    const vault = vaults.find((one) => vaultId(one.name).toLowerCase() === id.toLowerCase());
    const allowed = grants.get(caller)?.[vault?.name ?? ''] ?? [];
    if (!allowed.includes(`${type}/read`))
      return refuse({
        status: 403,
        code: 'AuthorizationFailed',
        message: `The client '${caller}' does not have authorization to perform action '${type}/read' over scope '${id}'.`,
      });
    if (!vault) return refuse({ status: 404, code: 'ResourceNotFound', message: `${id} was not found.` });
    return { status: 200, body: JSON.stringify(shown(vault, type, url)) };
  }

  const server = createServer(tls, answer).listen(0, 'localhost');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function shown(
  { name, location, tags, properties, roleAssignments, diagnosticSettings }: ArmVault,
  type: string,
  url: URL,
) {
  if (type === 'Microsoft.Insights/diagnosticSettings') return { value: diagnosticSettings };
  if (type === 'Microsoft.KeyVault/vaults')
    return { id: vaultId(name), name, type, location, tags, systemData: {}, properties };
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(from + assignmentsPerPage));
  return {
    value: roleAssignments.slice(from, from + assignmentsPerPage),
    nextLink: from + assignmentsPerPage < roleAssignments.length ? String(next) : null,
  };
}

/** The client id in a token for this audience that has not expired. Who signed it is not looked at. */
function callerOf(header: string | undefined): string | Refusal {
  const refuse = (code: string, message: string) => ({ status: 401, code, message });
  const token = /^Bearer (\S+)$/.exec(header ?? '')?.[1];
  if (token === undefined)
    return refuse('AuthenticationFailed', 'Authentication failed. The Authorization header is missing.');
  let claims: { aud?: string; exp?: number; appid?: string };
  try {
    claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as typeof claims;
  } catch {
    return refuse('InvalidAuthenticationToken', 'The access token is invalid.');
  }
  if (!/^https:\/\/management\.(azure|core\.windows)\.(com|net)\/?$/.test(claims.aud ?? ''))
    return refuse('InvalidAuthenticationTokenAudience', `The audience '${claims.aud}' is not valid.`);
  if ((claims.exp ?? 0) * 1000 <= Date.now())
    return refuse('ExpiredAuthenticationToken', 'The access token expiry UTC time is earlier than now.');
  return claims.appid ?? '';
}
