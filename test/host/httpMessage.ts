/**
 * HTTP requests and responses in their RPC form (functions-host `GrpcMessageConversionExtensions.cs`), with its quirks:
 * a body only when Content-Length says so, repeated query keys and headers joined by a comma, header names lower-cased.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NullableStrings, RpcHttpCookie, RpcHttpData } from './rpc.ts';

const BODY_LIMIT_BYTES = 100 * 1024 * 1024; // ScriptConstants.DefaultMaxRequestBodySize

export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES)
      throw new BodyTooLarge(`The request body is over ${BODY_LIMIT_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function toRpcRequest(
  request: IncomingMessage,
  url: URL,
  parameters: Record<string, string>,
  body: Buffer,
): RpcHttpData {
  const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
  return {
    method: request.method ?? 'GET',
    url: url.href,
    nullableHeaders: nullable(
      Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(',')]),
    ),
    nullableQuery: nullable(joinedQuery(url)),
    nullableParams: nullable(Object.entries(parameters)),
    ...(hasBody ? { body: { bytes: body } } : {}),
  };
}

function joinedQuery(url: URL): [string, string][] {
  const joined = new Map<string, [string, string]>(); // keys differ by more than case
  for (const [key, value] of url.searchParams) {
    const known = joined.get(key.toLowerCase());
    if (known === undefined) joined.set(key.toLowerCase(), [key, value]);
    else known[1] += `,${value}`;
  }
  return [...joined.values()];
}

function nullable(entries: [string, string][]): NullableStrings {
  return Object.fromEntries(entries.map(([key, value]) => [key, { value }]));
}

export const bodyOf = ({ body }: RpcHttpData): Buffer => Buffer.from(body?.bytes ?? body?.string ?? '');

/** No response data at all is what a function that returns undefined sends: 204. */
export function writeRpcResponse(response: ServerResponse, http: RpcHttpData | undefined): void {
  if (http === undefined) {
    response.writeHead(204).end();
    return;
  }
  const body = bodyOf(http);
  response.statusCode = Number(http.statusCode ?? 200);
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  const cookies = (http.cookies ?? []).map(cookieText);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  if (![204, 205, 304].includes(response.statusCode)) response.setHeader('content-length', body.length);
  response.end(body); // of those three the library has dropped the body
}

function cookieText(cookie: RpcHttpCookie): string {
  const sameSite = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' }[
    cookie.sameSite ?? 'none'
  ];
  const expires = cookie.expires?.value?.seconds;
  const attributes = [
    expires === undefined ? undefined : `expires=${new Date(expires * 1000).toUTCString()}`,
    cookie.maxAge?.value === undefined ? undefined : `max-age=${cookie.maxAge.value}`,
    cookie.domain?.value === undefined ? undefined : `domain=${cookie.domain.value}`,
    cookie.path?.value === undefined ? undefined : `path=${cookie.path.value}`,
    cookie.secure?.value === true ? 'secure' : undefined,
    sameSite === undefined ? undefined : `samesite=${sameSite}`,
    cookie.httpOnly?.value === true ? 'httponly' : undefined,
  ];
  const pair = `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`;
  return [pair, ...attributes.filter((attribute) => attribute !== undefined)].join('; ');
}
