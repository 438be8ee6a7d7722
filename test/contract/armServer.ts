/** Resource Manager as far as a retention policy goes, over HTTPS: one policy per container, locked on its ETag. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeTls } from '../emulator/tls.ts';
import { trust } from '../local/trust.ts';

export interface Policy {
  state: 'Locked' | 'Unlocked';
  days: number;
  etag: string;
}

export const account =
  '/subscriptions/5f0c3a1e-0d1b-4c55-9d0e-6f6c1c0f7a11/resourceGroups/backups/providers/Microsoft.Storage/storageAccounts/kvb';

export async function startArm() {
  const { ca, cert, key } = await makeTls();
  trust(ca);
  const policies = new Map<string, Policy>();
  const requests: string[] = [];
  let failure: number | null = null;

  const send = (response: ServerResponse, status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const shown = (policy: Policy | undefined) => ({
    etag: policy?.etag ?? '',
    properties: {
      immutabilityPeriodSinceCreationInDays: policy?.days ?? 0,
      state: policy?.state ?? 'Unlocked',
    },
  });
  function answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url ?? '/', 'https://arm');
    requests.push(`${request.method} ${pathname}`);
    if (!request.headers.authorization?.startsWith('Bearer '))
      return send(response, 401, { error: { code: 'AuthenticationFailed', message: 'No token.' } });
    if (failure !== null)
      return send(response, failure, { error: { code: 'AuthorizationFailed', message: 'No.' } });
    const found = /\/containers\/(\w+)\/immutabilityPolicies\/default(\/lock)?$/.exec(pathname);
    if (!pathname.startsWith(account) || !found)
      return send(response, 404, { error: { code: 'ResourceNotFound', message: pathname } });
    const policy = policies.get(found[1] ?? '');
    if (!found[2]) return send(response, 200, shown(policy));
    if (request.method !== 'POST' || !policy || request.headers['if-match'] !== policy.etag)
      return send(response, 412, { error: { code: 'ConditionNotMet', message: 'The ETag differs.' } });
    policy.state = 'Locked';
    return send(response, 200, shown(policy));
  }

  const server = createServer({ cert, key }, answer).listen(0, 'localhost');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    policies,
    requests,
    failWith: (status: number | null) => {
      failure = status;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const credential = {
  getToken: async () => ({ token: 'a.b.c', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
