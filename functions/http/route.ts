/**
 * Registers an HTTP function the same way everywhere: key or role first, then the handler, every error as a problem.
 * What a route may be asked and answers goes into the OpenAPI document, also of the app that does not have it.
 */
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import type { z } from 'zod';
import type { App } from '../../shared/composition.ts';
import type { Events } from '../../shared/ports/events.ts';
import { config, eventsTo, runsBackups, runsPortable, runsRestores, theApp } from '../app.ts';
import { type Answered, type Answers, type Operation, operations } from './operations.ts';
import { demandRole } from './principal.ts';
import { Problem, problemResponse } from './problem.ts';

export interface Call {
  readonly request: HttpRequest;
  readonly app: App;
  readonly events: Events;
}

type Route<A extends Answers> = Omit<Operation<A>, 'apps'> & {
  readonly apps?: Operation['apps'];
  readonly handler: (call: Call) => Promise<Answered<NoInfer<A>>>;
};

export function registerRoute<const A extends Answers>(
  name: string,
  { handler, apps = 'backup', ...described }: Route<A>,
): void {
  operations.set(name, { ...described, apps });
  const { method, route, roles } = described;
  const both = runsBackups || runsRestores;
  const here = {
    backup: runsBackups,
    restore: runsRestores,
    portable: runsPortable,
    both,
    all: both || runsPortable,
  };
  if (!here[apps]) return;
  app.http(name, {
    methods: [method],
    route,
    authLevel: roles !== null && config.apiAuth === 'key' ? 'function' : 'anonymous',
    handler: async (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> => {
      try {
        if (roles !== null) demandRole(roles, request, config);
        return await handler({ request, app: theApp(), events: eventsTo(context) });
      } catch (error) {
        return problemResponse(error, context);
      }
    },
  });
}

export async function bodyOf<T>(
  request: HttpRequest,
  schema: z.ZodType<T>,
  { largestMiB = 1 } = {},
): Promise<T> {
  const text = await request.text();
  if (Buffer.byteLength(text) > largestMiB * 1024 * 1024)
    throw new Problem(
      'tooLarge',
      `the body is larger than ${largestMiB} MiB`,
      'Send a smaller one; use globs for many objects.',
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem(
      'badRequest',
      'the body is not JSON',
      'Send a JSON object with content-type application/json.',
    );
  }
  return parsed(value, schema, 'body');
}

export const queryOf = <T>(request: HttpRequest, schema: z.ZodType<T>): T =>
  parsed(Object.fromEntries(request.query), schema, 'query');

function parsed<T>(value: unknown, schema: z.ZodType<T>, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `${[...issue.path, key].join('.')}: unknown field`)
      : [`${issue.path.join('.') || where}: ${issue.message}`],
  );
  throw new Problem('badRequest', problems.join('; '), 'Correct the fields that are named.', { problems });
}

export function vaultParam({ request, app: theApp }: Call): string {
  const name = request.params['vault'] ?? '';
  const found = theApp.findVault(name);
  if (found) return found.vault.name;
  const known = theApp.config.plans.flatMap((plan) => plan.vaults.map((vault) => vault.name)).join(', ');
  throw new Problem('notFound', `no plan has a vault "${name}"`, `The vaults of this app are: ${known}.`);
}

/** A vault that no plan has any more still has its recovery points: any well-formed name will do. */
export function anyVaultParam({ request }: Call): string {
  const name = request.params['vault'] ?? '';
  if (/^[0-9A-Za-z-]{1,63}$/.test(name)) return name;
  throw new Problem('badRequest', `vault: "${name}" is no vault name`, 'Use letters, digits and dashes.');
}
