/**
 * The host's HTTP side: admin API first, then the routes of the HTTP functions. No match is 404, a missing key 401, a
 * function that throws 500 with an empty body. Loopback only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AdminParts, serveAdmin } from './admin.ts';
import { type FunctionKeys, identifyCaller } from './auth.ts';
import { messageOf } from './errors.ts';
import type { Execute } from './executor.ts';
import type { HttpFunction } from './functionCatalog.ts';
import { pathOf } from './functionInfo.ts';
import type { HttpAnswer } from './hostTypes.ts';
import { BodyTooLarge, bodyOf, readBody, toRpcRequest, writeRpcResponse } from './httpMessage.ts';
import type { InFlight } from './inFlight.ts';
import { compileRoute, matchRoute, type Route } from './routes.ts';

export interface HttpServerParts extends AdminParts {
  execute: Execute;
  inFlight: InFlight;
  /** undefined: nobody is asked for a key. */
  keys: FunctionKeys | undefined;
  onHttpAnswer: ((answer: HttpAnswer) => void) | undefined;
}

export function compileRoutes(functions: HttpFunction[], routePrefix: string): Route<HttpFunction>[] {
  return functions.map((fn) => compileRoute(pathOf(fn.route, routePrefix), fn.methods, fn));
}

export function createHttpServer(parts: HttpServerParts): Server {
  const http = parts.functions.filter((fn) => fn.type === 'http');
  const routes = compileRoutes(http, parts.routePrefix);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
    const caller = identifyCaller(request, url, parts.keys);
    if (await serveAdmin(parts, request, response, url.pathname, caller)) return;
    const match = matchRoute(routes, request.method ?? 'GET', url.pathname);
    if (match === undefined || (match.target.disabled && !(parts.keys !== undefined && caller('admin')))) {
      response.writeHead(404).end();
      return;
    }
    if (!caller(match.target.authLevel, match.target.name)) {
      response.writeHead(401).end();
      return;
    }
    await runFunction(
      match.target,
      toRpcRequest(request, url, match.parameters, await readBody(request)),
      response,
    );
  }

  async function runFunction(
    fn: HttpFunction,
    http: ReturnType<typeof toRpcRequest>,
    response: ServerResponse,
  ): Promise<void> {
    const reason = 'This function was programmatically called via the host APIs.';
    const result = await parts.execute({ fn, reason, data: { http } });
    const other = result.outputData.find(({ data }) => data.http !== undefined);
    const answer = result.returnValue?.http ?? other?.data.http;
    const contentType = answer?.headers?.['content-type'];
    const method = http.method ?? 'GET';
    parts.onHttpAnswer?.({
      method,
      route: fn.route,
      status: Number(answer?.statusCode ?? (answer === undefined ? 204 : 200)),
      contentType,
      body: answer === undefined ? '' : bodyOf(answer).toString('utf8'),
    });
    writeRpcResponse(response, answer);
  }

  return createServer((request, response) => {
    parts.inFlight.track(serve(request, response)).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(error instanceof BodyTooLarge ? 413 : 500);
      response.end();
      parts.log({ level: 'error', category: 'Host.Http', message: `${request.url}: ${messageOf(error)}` });
    });
  });
}

export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  server.closeAllConnections();
  await closed;
}
