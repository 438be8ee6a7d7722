/**
 * Stands before an Azurite port and adds what Azurite silently lacks: immutable containers and create-only writers.
 * It also counts requests, lets a test act before a request is forwarded and before its answer is sent, and injects faults.
 * Invariant: of two writes of one blob name in a guarded container, the second is judged after the first has ended.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ACCOUNT_KEY } from './azurite.ts';
import { withContainerFlags, withListedFlags } from './immutabilityFlags.ts';
import { errorAnswer, type StorageAnswer, type StorageError } from './storageErrors.ts';
import { type StorageOperation, storageOperation } from './storageOperations.ts';
import { readBody, storageTarget } from './storageTarget.ts';
import { asksForExistence, refusal } from './wormPolicy.ts';

export interface StorageProxyOptions {
  /** Azurite's blob or queue origin, http://127.0.0.1:port. */
  target: string;
  port?: number;
  kind: 'blob' | 'queue';
  /** Containers under an active time-based container-level policy. */
  worm?: string[];
  /** Containers whose writer can only create: an overwrite is a 403, before any condition is looked at. */
  createOnly?: string[];
  /** For the proxy's own look whether a blob exists. Default: the development account's. */
  accountKey?: string;
}

export interface StorageRequest {
  kind: 'blob' | 'queue';
  operation: string;
  container: string;
  name: string;
  method: string;
  /** Not a GET or HEAD. */
  write: boolean;
  /** The nth request to this proxy, from 1. */
  sequence: number;
  /** Known to `after` hooks only. */
  status?: number;
}

export type StorageFault =
  | { status: number; code: string; message?: string }
  | { reset: true }
  | { hang: true };

export type BeforeHook = (r: StorageRequest) => void | StorageFault | Promise<StorageFault | void>;
export type AfterHook = (r: StorageRequest) => void | Promise<void>;

export interface RequestCount {
  operation: string;
  container: string;
  /** 0: no answer was sent (a reset, a hang, or a target that is down). */
  status: number;
  count: number;
}

export interface StorageProxy {
  url: string;
  counters(): RequestCount[];
  count(filter: { operation?: string; container?: string; status?: number }): number;
  resetCounters(): void;
  setPolicy(container: string, policy: 'locked' | 'none'): void;
  /** Runs before the request is judged and forwarded; the first fault returned is the answer. */
  before(hook: BeforeHook): () => void;
  /** Runs when the answer is there (the target's, the policy's or a fault's) and before the client gets it. */
  after(hook: AfterHook): () => void;
  stop(): Promise<void>;
}

const KEEP_ALIVE_MS = 60 * 60 * 1000;

export async function startStorageProxy(options: StorageProxyOptions): Promise<StorageProxy> {
  const target = storageTarget(options.target, options.accountKey ?? ACCOUNT_KEY);
  const worm = new Set(options.worm);
  const createOnly = new Set(options.createOnly);
  const beforeHooks = new Set<BeforeHook>();
  const afterHooks = new Set<AfterHook>();
  const counts = new Map<string, RequestCount>();
  const inTurn = turns();
  let sequence = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const operation = storageOperation(options.kind, method, request.url ?? '/', request.headers);
    const described = describe(operation, method);
    const body = await readBody(request);
    const fault = await firstFault(described);
    const answer = fault === undefined ? await guarded(request, operation, body) : faultAnswer(fault, method);
    countOne(operation, typeof answer === 'string' ? 0 : answer.status);
    if (answer === 'hang') return;
    if (answer === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    for (const hook of afterHooks) await hook({ ...described, status: answer.status });
    send(response, answer);
  }

  function describe(operation: StorageOperation, method: string): StorageRequest {
    const { account: _account, ...named } = operation;
    sequence += 1;
    return { kind: options.kind, ...named, method, sequence };
  }

  async function firstFault(described: StorageRequest): Promise<StorageFault | undefined> {
    for (const hook of beforeHooks) {
      const fault = await hook({ ...described });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  async function guarded(
    request: IncomingMessage,
    operation: StorageOperation,
    body: Buffer,
  ): Promise<StorageAnswer | 'reset'> {
    const judgeAndForward = async (): Promise<StorageAnswer | 'reset'> => {
      const error = options.kind === 'blob' ? await judge(request, operation) : undefined;
      if (error !== undefined) return errorAnswer(error, request.method ?? 'GET');
      const answer = await target.forward(request, body).catch(() => 'reset' as const); // the target is down
      return answer === 'reset' ? answer : withFlags(answer, operation);
    };
    return mayOverwrite(operation)
      ? inTurn(`${operation.account}/${operation.container}/${operation.name}`, judgeAndForward)
      : judgeAndForward();
  }

  async function judge(
    request: IncomingMessage,
    operation: StorageOperation,
  ): Promise<StorageError | undefined> {
    if (operation.operation === 'BatchBlobs') return worm.size + createOnly.size > 0 ? noBatches : undefined;
    const rawPath = (request.url ?? '/').replace(/\?.*$/s, '');
    return refusal({
      operation: operation.operation,
      write: operation.write,
      ifNoneMatch: request.headers['if-none-match'],
      exists: mayOverwrite(operation) && (await target.blobExists(rawPath, operation.account)),
      worm: worm.has(operation.container),
      createOnly: createOnly.has(operation.container),
    });
  }

  function mayOverwrite(operation: StorageOperation): boolean {
    const isGuarded = worm.has(operation.container) || createOnly.has(operation.container);
    const isBlob = options.kind === 'blob' && operation.name !== '';
    return isGuarded && isBlob && asksForExistence(operation.operation, operation.write);
  }

  function withFlags(answer: StorageAnswer, operation: StorageOperation): StorageAnswer {
    if (answer.status !== 200) return answer;
    const isWorm = (container: string): boolean => worm.has(container);
    if (operation.operation === 'ListContainers') return withListedFlags(answer, isWorm);
    if (operation.operation !== 'GetContainerProperties') return answer;
    return withContainerFlags(answer, isWorm(operation.container));
  }

  function countOne({ operation, container }: StorageOperation, status: number): void {
    const key = `${operation} ${container} ${status}`;
    const entry = counts.get(key) ?? { operation, container, status, count: 0 };
    counts.set(key, { ...entry, count: entry.count + 1 });
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A hook that threw, or a proxy that could not look: 400, because clients do not repeat it.
      const message = `The storage proxy failed: ${error instanceof Error ? error.message : String(error)}`;
      send(response, errorAnswer({ status: 400, code: 'TestProxyFailed', message }, request.method ?? 'GET'));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counters: () => [...counts.values()],
    count: (filter) =>
      [...counts.values()]
        .filter((entry) => matches(entry, filter))
        .reduce((total, entry) => total + entry.count, 0),
    resetCounters: () => counts.clear(),
    setPolicy: (container, policy) => {
      if (policy === 'locked') worm.add(container);
      else worm.delete(container);
    },
    before: (hook) => subscribe(beforeHooks, hook),
    after: (hook) => subscribe(afterHooks, hook),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      target.close();
    },
  };
}

const noBatches: StorageError = {
  status: 501,
  code: 'NotImplemented',
  message: 'The storage proxy refuses batches, which would get around the immutability policy.',
};

function faultAnswer(fault: StorageFault, method: string): StorageAnswer | 'reset' | 'hang' {
  if ('reset' in fault) return 'reset';
  if ('hang' in fault) return 'hang';
  return errorAnswer({ message: 'Injected by the test.', ...fault }, method);
}

function send(response: ServerResponse, answer: StorageAnswer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(answer.status, answer.reason, answer.headers);
  response.end(answer.body);
}

function matches(entry: RequestCount, filter: Partial<RequestCount>): boolean {
  return (['operation', 'container', 'status'] as const).every(
    (key) => filter[key] === undefined || filter[key] === entry[key],
  );
}

function subscribe<T>(hooks: Set<T>, hook: T): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}

/** Runs the tasks of one key one after the other, those of different keys at the same time. */
function turns(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    const before = last.get(key);
    const mine = (before ?? Promise.resolve()).then(task, task);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
