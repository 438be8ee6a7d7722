/**
 * Writes an answer with the service's headers, or breaks it the way a fault says.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from './call.ts';
import { errorBody } from './errors.ts';
import type { FaultKind } from './faults.ts';
import type { Vault } from './vault.ts';

function commonHeaders(vault: Vault, request: IncomingMessage): Record<string, string> {
  const clientRequestId = request.headers['x-ms-client-request-id'];
  const headers: Record<string, string> = {
    'Cache-Control': 'no-cache',
    Pragma: 'no-cache',
    Expires: '-1',
    'x-ms-keyvault-region': vault.spec.region,
    'x-ms-request-id': randomUUID(),
    'x-ms-keyvault-service-version': '1.9.3449.1',
    'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;',
    'X-Content-Type-Options': 'nosniff',
    'Strict-Transport-Security': 'max-age=31536000;includeSubDomains',
  };
  if (typeof clientRequestId === 'string') headers['x-ms-client-request-id'] = clientRequestId;
  return headers;
}

/** `sending` is told the status that goes out; 0 when there is none. */
export async function answer(
  vault: Vault,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  fault: FaultKind | undefined,
  sending: (status: number) => void,
): Promise<void> {
  if (fault !== undefined && ('reset' in fault || 'hang' in fault)) {
    sending(0);
    // A hanging call stays open until the client gives up or the emulator stops.
    if ('reset' in fault) request.socket.destroy();
    return;
  }
  const { status, text, type, extra } =
    fault === undefined ? plain(reply) : broken(reply, fault, `${vault.origin}${request.url ?? '/'}`);
  const headers: Record<string, string | number> = { ...commonHeaders(vault, request), ...extra };
  if (text !== undefined) {
    headers['Content-Type'] = type;
    headers['Content-Length'] = Buffer.byteLength(text);
  }
  sending(status);
  response.writeHead(status, headers);
  if (fault !== undefined && 'slowBodyMs' in fault && text !== undefined) {
    await trickle(response, text, fault.slowBodyMs);
  } else {
    response.end(text);
  }
}

interface Wire {
  status: number;
  text: string | undefined;
  type: string;
  extra: Record<string, string>;
}

const jsonType = 'application/json; charset=utf-8';

function plain(reply: Reply): Wire {
  const text = reply.body === undefined ? undefined : JSON.stringify(reply.body);
  return { status: reply.status, text, type: jsonType, extra: reply.headers ?? {} };
}

const defaultCodes: Record<number, string> = {
  400: 'BadParameter',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  429: 'Throttled',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

function broken(reply: Reply, fault: FaultKind, self: string): Wire {
  if (!('status' in fault)) return plain({ ...reply, body: brokenBody(reply, fault, self) });
  const { status, body = 'json', code = defaultCodes[status] ?? 'Unknown', innererror } = fault;
  const json = JSON.stringify(errorBody(code, fault.message ?? 'A fault of the emulator.', innererror));
  const extra: Record<string, string> =
    fault.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(fault.retryAfterSeconds) };
  const text = {
    json,
    empty: '',
    html: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
    truncated: json.slice(0, json.length / 2),
    null: 'null',
  }[body];
  return { status, text, type: body === 'html' ? 'text/html' : jsonType, extra };
}

/** Changes the answer of a call that succeeded; an error stays as it is. */
function brokenBody(reply: Reply, fault: FaultKind, self: string): unknown {
  const { body } = reply;
  if (reply.status !== 200 || typeof body !== 'object' || body === null) return body;
  if ('dropNextLink' in fault && 'nextLink' in body) return { ...body, nextLink: null };
  if ('repeatPage' in fault && 'nextLink' in body) return { ...body, nextLink: self };
  if ('corruptBlob' in fault && 'value' in body && typeof body.value === 'string') {
    const bytes = Buffer.from(body.value, 'base64url');
    const at = bytes.length - 60;
    bytes[at] = (bytes[at] ?? 0) === 0x41 ? 0x42 : 0x41;
    return { ...body, value: bytes.toString('base64url') };
  }
  return body;
}

async function trickle(response: ServerResponse, text: string, forMs: number): Promise<void> {
  const bytes = Buffer.from(text);
  const steps = 10;
  const size = Math.ceil(bytes.length / steps);
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    response.write(bytes.subarray(at, at + size));
    await new Promise((resolve) => setTimeout(resolve, forMs / steps));
  }
  response.end();
}
