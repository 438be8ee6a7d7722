/**
 * The containers a proxy guards: judges a request by the caller's rights and the policy, forwards it if allowed, corrects the container's flags.
 * Invariant: of two writes of one blob name in a guarded container, the second is judged after the first was answered,
 * because looking whether a blob exists and forwarding a write are two requests to Azurite.
 */
import type { IncomingMessage } from 'node:http';
import { withContainerFlags, withListedFlags } from './immutabilityFlags.ts';
import { errorAnswer, type StorageAnswer, type StorageError } from './storageErrors.ts';
import type { StorageOperation } from './storageOperations.ts';
import { permissionMismatch, rightTo, type StorageGrants } from './storageRights.ts';
import type { StorageTarget } from './storageTarget.ts';
import { asksForExistence, refusal } from './wormPolicy.ts';

type Right = ReturnType<typeof rightTo>;

export interface GuardedContainers {
  /** Rejects when the target is down. */
  answer(
    request: IncomingMessage,
    operation: StorageOperation,
    body: Buffer,
    grants?: StorageGrants,
  ): Promise<StorageAnswer>;
  setPolicy(container: string, policy: 'locked' | 'none'): void;
}

const noBatches: StorageError = {
  status: 501,
  code: 'NotImplemented',
  message: 'The storage proxy refuses batches, which would get around the immutability policy.',
};

export function guardedContainers(
  target: StorageTarget,
  wormContainers: string[] = [],
  createOnlyContainers: string[] = [],
): GuardedContainers {
  const worm = new Set(wormContainers);
  const createOnly = new Set(createOnlyContainers);
  const inTurn = turns();

  async function judgeAndForward(
    request: IncomingMessage,
    operation: StorageOperation,
    body: Buffer,
    right: Right,
  ): Promise<StorageAnswer> {
    const error = await judge(request, operation, right);
    if (error !== undefined) return errorAnswer(error, request.method ?? 'GET');
    return withFlags(await target.forward(request, body), operation);
  }

  async function judge(
    request: IncomingMessage,
    operation: StorageOperation,
    right: Right,
  ): Promise<StorageError | undefined> {
    if (right === 'none') return permissionMismatch;
    if (operation.operation === 'BatchBlobs') return worm.size + createOnly.size > 0 ? noBatches : undefined;
    const rawPath = (request.url ?? '/').replace(/\?.*$/s, '');
    return refusal({
      operation: operation.operation,
      write: operation.write,
      ifNoneMatch: request.headers['if-none-match'],
      exists: dependsOnBlob(operation, right) && (await target.blobExists(rawPath, operation.account)),
      worm: worm.has(operation.container),
      createOnly: right === 'createOnly' || createOnly.has(operation.container),
    });
  }

  function dependsOnBlob({ container, name, operation, write }: StorageOperation, right: Right): boolean {
    const guarded = worm.has(container) || createOnly.has(container) || right === 'createOnly';
    return guarded && name !== '' && asksForExistence(operation, write);
  }

  function withFlags(answer: StorageAnswer, { operation, container }: StorageOperation): StorageAnswer {
    if (answer.status !== 200) return answer;
    if (operation === 'GetContainerProperties') return withContainerFlags(answer, worm.has(container));
    return operation === 'ListContainers' ? withListedFlags(answer, (name) => worm.has(name)) : answer;
  }

  return {
    answer(request, operation, body, grants) {
      const right = rightTo(operation.operation, operation.container, grants);
      const task = (): Promise<StorageAnswer> => judgeAndForward(request, operation, body, right);
      if (!dependsOnBlob(operation, right)) return task();
      return inTurn(`${operation.account}/${operation.container}/${operation.name}`, task);
    },
    setPolicy(container, policy) {
      if (policy === 'locked') worm.add(container);
      else worm.delete(container);
    },
  };
}

/** Runs the tasks of one key one after the other, those of different keys at the same time. */
function turns(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(task, task);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
