/**
 * Who may call. With API_AUTH=entra the platform (Easy Auth) has checked the token and tells the caller in a header;
 * the header is anybody's to write unless the platform's auth is on, so it counts only then. With API_AUTH=key the
 * host checks a function key before we are called.
 */
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Config } from '../../shared/config.ts';
import type { Caller } from '../../shared/domain/restoreState.ts';
import { Problem } from './problem.ts';

export type Role = 'Backup.Read' | 'Backup.Run' | 'Restore.Execute';

type AuthSettings = Pick<Config, 'apiAuth' | 'platformAuthEnabled'>;

const principalShape = z.object({ claims: z.array(z.object({ typ: z.string(), val: z.string() })) });
type Claims = z.infer<typeof principalShape>['claims'];

/** Any one of the roles will do. */
export function demandRole(roles: readonly Role[], request: HttpRequest, config: AuthSettings): void {
  if (config.apiAuth === 'key') return;
  if (!config.platformAuthEnabled) {
    throw new Problem(
      'unauthorized',
      'the platform’s sign-in is not switched on, so no caller can be known',
      'Switch on authentication (Easy Auth) for the function app, or set API_AUTH to key.',
    );
  }
  const claims = claimsOf(request);
  if (claims === null)
    throw new Problem(
      'unauthorized',
      'the request carries no signed-in caller',
      'Send a token for this app: az account get-access-token --resource <the app id URI>.',
    );
  const held = claims.filter(({ typ }) => typ === 'roles' || typ.endsWith('/role')).map(({ val }) => val);
  if (!roles.some((role) => held.includes(role))) {
    const wanted = roles.join(' or ');
    throw new Problem(
      'forbidden',
      `the caller does not have the app role ${wanted}`,
      `Assign the app role ${wanted} to the caller in the enterprise application.`,
    );
  }
}

/** For the audit record: who the platform says it is, or that a key was used; and from which address. */
export function callerOf(request: HttpRequest, config: AuthSettings): Caller {
  const address = request.headers.get('x-forwarded-for')?.split(',')[0]?.trim() ?? null;
  const claims = config.apiAuth === 'entra' && config.platformAuthEnabled ? claimsOf(request) : null;
  if (claims === null) return { name: 'function key', id: null, address };
  const claim = (...types: string[]) =>
    claims.find(({ typ }) => types.some((type) => typ === type || typ.endsWith(`/${type}`)))?.val;
  return {
    name: claim('preferred_username', 'upn', 'name', 'appid', 'azp') ?? 'unknown',
    id: claim('oid', 'objectidentifier') ?? null,
    address,
  };
}

function claimsOf(request: HttpRequest): Claims | null {
  const header = request.headers.get('x-ms-client-principal');
  if (!header) return null;
  try {
    return principalShape.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8'))).claims;
  } catch {
    return null;
  }
}
