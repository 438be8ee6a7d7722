/**
 * A request's way in the service's order of checks: authentication, network, route, api-version,
 * throttle, role, name, operation. Faults come after authentication, so that a fault on an operation does
 * not meet the probe that went before it.
 */
import { requireApiVersion } from './apiVersion.ts';
import type { Identity, Tokens } from './auth.ts';
import type { Call, Reply } from './call.ts';
import { errorBody, ServiceError, throttled } from './errors.ts';
import type { Faults, Hit } from './faults.ts';
import { find } from './lifecycle.ts';
import { latest } from './model.ts';
import { requireGrant, requireNetwork } from './permissions.ts';
import type { Match, Router } from './router.ts';
import { keyWeight, weightOf } from './throttle.ts';
import { requireName } from './validate.ts';
import type { Vault } from './vault.ts';

export interface RequestInfo {
  vault: string;
  operation: string;
  name: string | undefined;
  identity: string;
}

export type RequestListener = (request: RequestInfo) => void | Promise<void>;
/** Sees what an operation answered, before faults change it. */
export type ReplyListener = (request: RequestInfo, reply: Reply) => void;

export interface Pipeline {
  tokens: Tokens;
  router: Router;
  faults: Faults;
  listeners: Set<RequestListener>;
  replyListeners: Set<ReplyListener>;
}

export interface Incoming {
  method: string;
  url: URL;
  authorization: string | undefined;
  body: string;
}

/** The answer, and what of it counters and faults need to know. */
export interface Outcome {
  reply: Reply;
  operation: string;
  identity: string;
  changes: boolean;
  hit: Hit;
}

export async function serve(pipeline: Pipeline, vault: Vault, incoming: Incoming): Promise<Outcome> {
  const match = pipeline.router.find(incoming.method, incoming.url.pathname);
  const probe = incoming.authorization === undefined;
  const operation = probe ? 'probe' : (match?.operation.name ?? 'unknown');
  const outcome: Outcome = {
    reply: { status: 500 },
    operation,
    identity: '',
    changes: match?.operation.changes ?? false,
    hit: { delayMs: 0, when: 'before', kind: undefined },
  };
  try {
    const caller = pipeline.tokens.authenticate(incoming.authorization);
    if (!(caller instanceof ServiceError)) outcome.identity = caller.name;
    outcome.hit = pipeline.faults.hit(vault.spec.name, operation, probe ? undefined : match?.params['name']);
    const { delayMs, when, kind } = outcome.hit;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (kind !== undefined && when === 'before' && answersItself(kind)) return outcome;
    if (caller instanceof ServiceError) throw caller;
    outcome.reply = await execute(pipeline, vault, incoming, caller, match);
  } catch (error) {
    outcome.reply = replyOf(error);
  }
  if (vault.spec.authorization === 'rbac' && ![401, 405].includes(outcome.reply.status)) {
    outcome.reply.headers = { ...outcome.reply.headers, 'x-ms-keyvault-rbac-assignment-id': assignmentId };
  }
  return outcome;
}

const assignmentId = '5a1e0f6c2b7d4c3e9f8a7b6c5d4e3f2a';

/** Faults that replace the operation, when they come before it; the others change its answer. */
function answersItself(kind: object): boolean {
  return 'status' in kind || 'reset' in kind || 'hang' in kind;
}

async function execute(
  pipeline: Pipeline,
  vault: Vault,
  incoming: Incoming,
  identity: Identity,
  match: Match | undefined,
): Promise<Reply> {
  requireNetwork(vault, identity);
  if (match === undefined) {
    throw new ServiceError(405, 'MethodNotAllowed', `HTTP ${incoming.method.toUpperCase()} not allowed`);
  }
  const { operation, params } = match;
  const apiVersion = requireApiVersion(incoming.url.searchParams);
  const name = params['name'];
  if (vault.settings.throttling) {
    const weight = weigh(vault, match, incoming.body);
    if (!vault.throttle.take(vault.settings.now(), operation.budget, weight)) throw throttled();
  }
  requireGrant(vault, identity, operation, name);
  if (name !== undefined) requireName(name);
  const info: RequestInfo = {
    vault: vault.spec.name,
    operation: operation.name,
    name,
    identity: identity.name,
  };
  for (const listener of pipeline.listeners) await listener(info);
  const call: Call = {
    vault,
    operation: operation.name,
    identity: identity.name,
    params,
    query: incoming.url.searchParams,
    apiVersion,
    body: incoming.body,
  };
  const reply = await operation.handle(call);
  for (const listener of pipeline.replyListeners) listener(info, reply);
  return reply;
}

/** Key calls weigh by the type of their key; a call that names none weighs one. */
function weigh(vault: Vault, match: Match, body: string): number {
  const { budget, name: operation } = match.operation;
  const name = match.params['name'];
  if (operation === 'keys.create') {
    const kty = /"kty"\s*:\s*"([^"]*)"/.exec(body)?.[1] ?? '';
    return keyWeight(budget, kty, undefined);
  }
  if (name === undefined || (budget !== 'keyOther' && budget !== 'keyCreate')) return 1;
  const entry = find(vault, 'key', name);
  return entry === undefined ? 1 : weightOf(budget, latest(entry.versions));
}

function replyOf(error: unknown): Reply {
  if (!(error instanceof ServiceError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { status: 500, body: errorBody('InternalServerError', `Emulator bug: ${message}`) };
  }
  return {
    status: error.status,
    body: errorBody(error.code, error.message, error.innererror),
    headers: error.headers,
  };
}
