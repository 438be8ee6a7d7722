/**
 * The Azurite behind a proxy: forwards a request byte for byte, and answers whether a blob exists.
 * Paths, queries, headers and bodies stay as they came, because the client's signature covers them;
 * Host is not signed and becomes the target's, so that Azurite reads the account from the path.
 */
import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { StorageAnswer } from './storageErrors.ts';

/** Below Azurite's own ceiling, and enough for hundreds of clients: an answer takes milliseconds. */
const MAX_CONNECTIONS = 128;
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'expect', 'host']);

export class TargetUnreachable extends Error {}

export interface StorageTarget {
  forward(request: IncomingMessage, body: Buffer): Promise<StorageAnswer>;
  blobExists(rawPath: string, account: string): Promise<boolean>;
  close(): void;
}

export function storageTarget(origin: string, accountKey: string): StorageTarget {
  const { hostname, port, host } = new URL(origin);
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });

  const send = (method: string, path: string, headers: string[], body: Buffer): Promise<StorageAnswer> =>
    new Promise((resolve, reject) => {
      const options = { agent, hostname, port, method, path, headers: ['Host', host, ...headers] };
      const fail = (cause: unknown): void => reject(new TargetUnreachable(`${origin} is down`, { cause }));
      const outgoing = httpRequest(options, (incoming) => {
        readBody(incoming).then((answerBody) => resolve(toAnswer(incoming, method, answerBody)), fail);
      });
      outgoing.once('error', fail);
      outgoing.end(body);
    });

  return {
    forward(request, body) {
      return send(request.method ?? 'GET', request.url ?? '/', withoutHopByHop(request.rawHeaders), body);
    },
    async blobExists(rawPath, account) {
      const answer = await send(
        'HEAD',
        rawPath,
        signedHeaders('HEAD', rawPath, account, accountKey),
        Buffer.alloc(0),
      );
      if (answer.status === 200) return true;
      if (answer.status === 404) return false;
      throw new Error(`The proxy's own look at ${rawPath} was answered ${answer.status} ${answer.reason}.`);
    },
    close: () => agent.destroy(),
  };
}

export async function readBody(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function toAnswer(incoming: IncomingMessage, method: string, body: Buffer): StorageAnswer {
  const status = incoming.statusCode ?? 0;
  const headers = withoutHopByHop(incoming.rawHeaders, 'transfer-encoding');
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  if (!bodiless && !('content-length' in incoming.headers))
    headers.push('Content-Length', String(body.length));
  return { status, reason: incoming.statusMessage ?? '', headers, body };
}

function withoutHopByHop(rawHeaders: string[], ...alsoWithout: string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !alsoWithout.includes(lower)) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}

/** SharedKey for a request without body, condition or query. */
function signedHeaders(method: string, rawPath: string, account: string, key: string): string[] {
  const headers = { 'x-ms-date': new Date().toUTCString(), 'x-ms-version': '2021-12-02' };
  const canonical = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const text = `${method}${'\n'.repeat(12)}${canonical.join('')}/${account}${rawPath}`;
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64');
  return [...Object.entries(headers).flat(), 'Authorization', `SharedKey ${account}:${signature}`];
}
