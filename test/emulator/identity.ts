/**
 * The managed-identity endpoint of App Service and Functions: GET with api-version 2019-08-01,
 * a resource, the X-IDENTITY-HEADER secret, and optionally the client_id of a user-assigned identity.
 */
import { createServer, type Server } from 'node:http';
import type { Identity, Tokens } from './auth.ts';

export function createIdentityServer(
  tokens: Tokens,
  identities: Map<string, Identity>,
  secret: string,
): Server {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://identity');
    const answer = (status: number, body: object): void => {
      const text = JSON.stringify(body);
      response.writeHead(status, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(text);
    };
    const refuse = (status: number, message: string): void => answer(status, { statusCode: status, message });
    request.resume();
    if (url.pathname !== '/token') return refuse(404, 'Not found.');
    if (request.method !== 'GET') return refuse(405, 'Only GET is allowed.');
    const header = request.headers['x-identity-header'];
    if (header === undefined) return refuse(401, 'The X-IDENTITY-HEADER header is missing.');
    if (header !== secret) return refuse(403, 'The X-IDENTITY-HEADER header is wrong.');
    if (url.searchParams.get('api-version') !== '2019-08-01')
      return refuse(400, 'The api-version is not supported.');
    const resource = url.searchParams.get('resource');
    if (resource === null || resource === '') return refuse(400, 'The resource is missing.');
    const clientId = url.searchParams.get('client_id');
    const all = [...identities.values()];
    const identity = clientId === null ? all[0] : all.find((one) => one.clientId === clientId);
    if (identity === undefined) return refuse(400, 'No User Assigned or Delegated Managed Identity found.');
    const { token, expiresOn } = tokens.issue(identity, resource);
    answer(200, {
      access_token: token,
      client_id: identity.clientId,
      expires_on: String(expiresOn),
      resource,
      token_type: 'Bearer',
    });
  });
}
