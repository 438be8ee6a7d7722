/**
 * Who may call. With API_AUTH=entra the platform (Easy Auth) has checked the token and tells the caller in a header;
 * the header is anybody's to write unless the platform's auth is on, so it counts only then. With API_AUTH=key the
 * host checks a function key before we are called.
 */
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Config } from '../../shared/config.ts';
import { Problem } from './problem.ts';

export type Role = 'Backup.Read' | 'Backup.Run' | 'Restore.Execute';

const principalShape = z.object({ claims: z.array(z.object({ typ: z.string(), val: z.string() })) });

export function demandRole(
  role: Role,
  request: HttpRequest,
  config: Pick<Config, 'apiAuth' | 'platformAuthEnabled'>,
): void {
  if (config.apiAuth === 'key') return;
  if (!config.platformAuthEnabled) {
    throw new Problem(
      'unauthorized',
      'the platform’s sign-in is not switched on, so no caller can be known',
      'Switch on authentication (Easy Auth) for the function app, or set API_AUTH to key.',
    );
  }
  const roles = rolesOf(request.headers.get('x-ms-client-principal'));
  if (roles === null)
    throw new Problem(
      'unauthorized',
      'the request carries no signed-in caller',
      'Send a token for this app: az account get-access-token --resource <the app id URI>.',
    );
  if (!roles.includes(role)) {
    throw new Problem(
      'forbidden',
      `the caller does not have the app role ${role}`,
      `Assign the app role ${role} to the caller in the enterprise application.`,
    );
  }
}

function rolesOf(header: string | null): string[] | null {
  if (!header) return null;
  try {
    const { claims } = principalShape.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
    return claims.filter(({ typ }) => typ === 'roles' || typ.endsWith('/role')).map(({ val }) => val);
  } catch {
    return null;
  }
}
