/**
 * The HTTPS server of one vault: its own port on localhost, IPv4 and (where there is one) IPv6, because Node
 * clients try both. Reads the request, runs the pipeline, counts the answer.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { answer } from './answer.ts';
import type { Counters } from './counters.ts';
import { type Pipeline, serve } from './pipeline.ts';
import type { Vault } from './vault.ts';

/** Bytes; far above any backup blob the emulator makes. */
const maximumBodySize = 64 * 1024 * 1024;

export async function startVaultServer(
  vault: Vault,
  tls: { cert: string; key: string },
  port: number,
  pipeline: Pipeline,
  counters: Counters,
): Promise<SecureServer[]> {
  const make = (): SecureServer => {
    const server = createServer({ cert: tls.cert, key: tls.key, keepAliveTimeout: 120_000 });
    server.on('connection', (socket: Socket) => {
      if (!vault.reachable) socket.resetAndDestroy();
    });
    server.on('request', (request, response) => {
      // A client that went away mid-request leaves nothing to answer.
      handle(vault, pipeline, counters, request, response).catch(() => response.destroy());
    });
    return server;
  };
  const four = make();
  const bound = await listen(four, port, '127.0.0.1');
  vault.origin = `https://localhost:${bound}`;
  const six = make();
  try {
    await listen(six, bound, '::1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' && port === 0) {
      await close(four);
      return startVaultServer(vault, tls, port, pipeline, counters);
    }
    if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') throw error;
    return [four];
  }
  return [four, six];
}

async function handle(
  vault: Vault,
  pipeline: Pipeline,
  counters: Counters,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = vault.settings.now();
  if (!vault.reachable) {
    request.socket.destroy();
    return;
  }
  const body = await readBody(request);
  const { reply, operation, identity, changes, hit } = await serve(pipeline, vault, {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', vault.origin),
    authorization: request.headers.authorization,
    body,
  });
  if (vault.settings.latencyMs > 0)
    await new Promise((resolve) => setTimeout(resolve, vault.settings.latencyMs));
  // The call counts once its answer starts, so that a test sees a complete count when it has the answer.
  await answer(vault, request, response, reply, hit.kind, (status) =>
    counters.record({ vault: vault.spec.name, operation, identity, status, at, changes }),
  );
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBodySize) throw new Error('The request body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Listens and returns the port. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 2048 }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
