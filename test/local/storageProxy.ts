/**
 * Stands before an Azurite port and adds what Azurite silently lacks: immutable containers and identities with rights.
 * It also counts requests, lets a test act before a request is forwarded and before its answer is sent, and injects faults.
 * Hooks run outside the turns of a blob name, so that a test can hold one write while another one passes.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { ACCOUNT_KEY } from './azurite.ts';
import { guardedContainers } from './guardedContainers.ts';
import { requestCounts } from './requestCounts.ts';
import { errorAnswer, type StorageAnswer } from './storageErrors.ts';
import { type StorageOperation, storageOperation } from './storageOperations.ts';
import type {
  AfterHook,
  BeforeHook,
  SpoiledAnswer,
  StorageFault,
  StorageProxy,
  StorageProxyOptions,
  StorageRequest,
} from './storageProxyTypes.ts';
import { readBody, storageTarget, TargetUnreachable } from './storageTarget.ts';

export type * from './storageProxyTypes.ts';

const KEEP_ALIVE_MS = 60 * 60 * 1000;

export async function startStorageProxy(options: StorageProxyOptions): Promise<StorageProxy> {
  const target = storageTarget(options.target, options.accountKey ?? ACCOUNT_KEY);
  const containers = guardedContainers(target, options.worm, options.createOnly);
  const grants = options.identities ?? {};
  const beforeHooks = new Set<BeforeHook>();
  const afterHooks = new Set<AfterHook>();
  const counts = requestCounts();
  let sequence = 0;

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    identity: string | undefined,
  ): Promise<void> {
    const method = request.method ?? 'GET';
    const operation = storageOperation(options.kind, method, request.url ?? '/', request.headers);
    const { container, name, write } = operation;
    sequence += 1;
    const body = await readBody(request);
    const described = {
      kind: options.kind,
      operation: operation.operation,
      container,
      name,
      identity,
      method,
      write,
      sequence,
      body,
      ...prefixOf(request.url),
    };
    const fault = await firstFault(described);
    const answer =
      fault === undefined
        ? await targetAnswer(request, operation, body, identity)
        : faultAnswer(fault, method);
    const status = typeof answer === 'string' ? 0 : answer.status;
    counts.add({ operation: operation.operation, container, status, identity });
    if (answer === 'hang') return;
    if (answer === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    let sent: StorageAnswer | 'reset' | 'hang' = answer;
    for (const hook of afterHooks) {
      const spoiled = await hook({ ...described, status: answer.status, answer: answer.body });
      if (spoiled !== undefined) sent = spoil(answer, spoiled, method);
    }
    if (sent === 'reset') request.socket.resetAndDestroy();
    else if (sent !== 'hang') send(response, sent);
  }

  async function firstFault(described: StorageRequest): Promise<StorageFault | undefined> {
    for (const hook of beforeHooks) {
      const fault = await hook({ ...described });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** A target that is down shows as what a client without a proxy would see: a broken connection. */
  async function targetAnswer(
    request: IncomingMessage,
    operation: StorageOperation,
    body: Buffer,
    identity: string | undefined,
  ): Promise<StorageAnswer | 'reset'> {
    try {
      return await (options.kind === 'blob'
        ? containers.answer(request, operation, body, identity === undefined ? undefined : grants[identity])
        : target.forward(request, body));
    } catch (error) {
      if (error instanceof TargetUnreachable) return 'reset';
      throw error;
    }
  }

  const listen = (identity?: string, port = 0): Promise<Server> =>
    listening(port, (request, response) => {
      handle(request, response, identity).catch((error: unknown) => {
        // A hook that threw, or a proxy that could not look: 400, because clients do not repeat it.
        const message = `The storage proxy failed: ${error instanceof Error ? error.message : String(error)}`;
        send(
          response,
          errorAnswer({ status: 400, code: 'TestProxyFailed', message }, request.method ?? 'GET'),
        );
      });
    });
  const door = await listen(undefined, options.port);
  const doors = new Map<string, Server>();
  for (const identity of Object.keys(grants)) doors.set(identity, await listen(identity));

  return {
    url: addressOf(door),
    urlFor: (identity) => {
      const own = doors.get(identity);
      if (own === undefined) throw new Error(`the storage proxy has no identity ${identity}`);
      return addressOf(own);
    },
    counters: () => counts.list(),
    count: (filter) => counts.total(filter),
    resetCounters: () => counts.clear(),
    setPolicy: (container, policy) => containers.setPolicy(container, policy),
    before: (hook) => subscribe(beforeHooks, hook),
    after: (hook) => subscribe(afterHooks, hook),
    stop: async () => {
      await Promise.all([door, ...doors.values()].map(close));
      target.close();
    },
  };
}

async function listening(port: number, serve: RequestListener): Promise<Server> {
  const server = createServer(serve);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function faultAnswer(fault: StorageFault, method: string): StorageAnswer | 'reset' | 'hang' {
  if ('reset' in fault) return 'reset';
  if ('hang' in fault) return 'hang';
  return errorAnswer({ message: 'Injected by the test.', ...fault }, method);
}

function prefixOf(url = '/'): { prefix?: string } {
  const prefix = new URL(url, 'http://storage').searchParams.get('prefix');
  return prefix === null ? {} : { prefix };
}

/** Bytes of the same length keep the answer's headers true. */
function spoil(answer: StorageAnswer, spoiled: SpoiledAnswer, method: string) {
  return 'body' in spoiled ? { ...answer, body: spoiled.body } : faultAnswer(spoiled, method);
}

function send(response: ServerResponse, answer: StorageAnswer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(answer.status, answer.reason, answer.headers);
  response.end(answer.body);
}

function subscribe<T>(hooks: Set<T>, hook: T): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}
