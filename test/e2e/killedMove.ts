/**
 * Kills the command line in the middle of its work: a relay before both apps counts what the process asks, and at the
 * chosen request it kills the process, before the app has heard of it or before the process hears the answer.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

export interface Moment {
  /** Such as `POST moves/:id/steps`, the ids of moves left out. */
  readonly call: string;
  /** 1 for the first such call of the process. */
  readonly nth: number;
  readonly when: 'before' | 'after';
}

export const callOf = ({ method, url = '' }: IncomingMessage): string =>
  `${method} ${url
    .replace(/\?.*/, '')
    .replace(/^\/api\//, '')
    .replace(/^moves\/[^/]+\//, 'moves/:id/')}`;

const main = path.resolve(import.meta.dirname, '../../cli/main.ts');

/** What the process asked for, to its death or its end. */
export async function killedAt(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  moment: Moment,
): Promise<{ killed: boolean; calls: string[] }> {
  const calls: string[] = [];
  let child: ReturnType<typeof spawn> | undefined;
  const relayTo = async (url: string) => {
    const server = createServer((request, response) => void relay(url, request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
  };
  async function relay(url: string, request: IncomingMessage, response: ServerResponse) {
    const call = callOf(request);
    calls.push(call);
    const isIt = call === moment.call && calls.filter((one) => one === call).length === moment.nth;
    if (isIt && moment.when === 'before') return void child?.kill('SIGKILL');
    const body = request.method === 'POST' ? await buffer(request) : undefined;
    const headers = new Headers();
    for (const name of ['content-type', 'idempotency-key']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const answer = await fetch(new URL(request.url ?? '', url), {
      method: request.method ?? 'GET',
      headers,
      ...(body ? { body: new Uint8Array(body) } : {}),
    });
    const text = await answer.text();
    if (isIt) return void child?.kill('SIGKILL');
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(text);
  }
  const [backup, restore] = await Promise.all([
    relayTo(env['KVB_BACKUP_URL'] ?? ''),
    relayTo(env['KVB_RESTORE_URL'] ?? ''),
  ]);
  child = spawn(process.execPath, [main, ...words], {
    env: { ...env, KVB_BACKUP_URL: backup.url, KVB_RESTORE_URL: restore.url },
    stdio: 'ignore',
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  for (const { server } of [backup, restore]) {
    server.closeAllConnections();
    server.close();
  }
  return { killed: signal === 'SIGKILL', calls };
}
