/**
 * The admin API that operators and tests use: host status, the list of functions, and a manual run, which answers 202
 * at once and reports its result only in the log. With keys enforced it takes the master key.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from './auth.ts';
import { messageOf } from './errors.ts';
import type { AppFunction } from './functionCatalog.ts';
import { describeFunction } from './functionInfo.ts';
import type { LogFunction } from './hostLog.ts';
import { readBody } from './httpMessage.ts';

export interface AdminParts {
  hostId: string;
  baseUrl(): string;
  routePrefix: string;
  functions: AppFunction[];
  run(fn: AppFunction, input: string | undefined): Promise<void>;
  log: LogFunction;
}

/** True when the path was one of the admin API's, and the response is under way. */
export async function serveAdmin(
  parts: AdminParts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  caller: Caller,
): Promise<boolean> {
  const [admin, area, name, ...rest] = path.split('/').filter((part) => part !== '');
  if (admin?.toLowerCase() !== 'admin' || rest.length > 0) return false;
  const get = request.method === 'GET';
  if (!caller('admin')) {
    response.writeHead(401).end();
  } else if (get && area === 'host' && name === 'status') {
    sendJson(response, {
      id: parts.hostId,
      state: 'Running',
      version: '4.1052.200',
      processUptime: Math.round(process.uptime() * 1000),
    });
  } else if (get && area === 'host' && name === 'ping') {
    response.writeHead(200).end();
  } else if (area === 'functions') {
    await serveFunctions(parts, request, response, name);
  } else {
    response.writeHead(404).end();
  }
  return true;
}

async function serveFunctions(
  parts: AdminParts,
  request: IncomingMessage,
  response: ServerResponse,
  name: string | undefined,
): Promise<void> {
  const describe = (fn: AppFunction) => describeFunction(fn, parts.baseUrl(), parts.routePrefix);
  const fn = parts.functions.find((candidate) => candidate.name.toLowerCase() === name?.toLowerCase());
  if (request.method === 'GET' && name === undefined) {
    sendJson(response, parts.functions.map(describe));
  } else if (request.method === 'GET' && fn !== undefined) {
    sendJson(response, describe(fn));
  } else if (request.method === 'POST' && name !== undefined) {
    await startRun(parts, request, response, fn);
  } else {
    response.writeHead(404).end();
  }
}

async function startRun(
  { run, log }: AdminParts,
  request: IncomingMessage,
  response: ServerResponse,
  fn: AppFunction | undefined,
): Promise<void> {
  const invocation = parseInvocation((await readBody(request)).toString('utf8'));
  if (invocation === undefined) {
    response.writeHead(400).end();
    return;
  }
  if (fn === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(202).end();
  run(fn, invocation.input).catch((error: unknown) => {
    log({ level: 'error', category: 'Host.Admin', message: messageOf(error), functionName: fn.name });
  });
}

/** The body must be JSON, an object, with at most a text under `input`. */
function parseInvocation(body: string): { input: string | undefined } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const input = 'input' in value ? value.input : undefined;
    if (input === undefined || input === null) return { input: undefined };
    return typeof input === 'string' ? { input } : undefined;
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
