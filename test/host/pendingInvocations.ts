/** The invocations that one worker process has not answered yet, each with its time limit; each is settled once. */
import type { RpcInvocationResponse } from './rpc.ts';

interface Pending {
  functionName: string;
  timer: NodeJS.Timeout | undefined;
  resolve(response: RpcInvocationResponse): void;
  reject(error: Error): void;
}

export class PendingInvocations {
  readonly #pending = new Map<string, Pending>();
  #waiting: (() => void)[] = [];

  /** `timeoutMs` may be Infinity. */
  add(
    invocationId: string,
    functionName: string,
    timeoutMs: number,
    onTimeout: () => void,
  ): Promise<RpcInvocationResponse> {
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(timeoutMs) ? setTimeout(onTimeout, timeoutMs) : undefined;
      this.#pending.set(invocationId, { functionName, timer, resolve, reject });
    });
  }

  functionOf(invocationId: string | undefined): string | undefined {
    return this.#pending.get(invocationId ?? '')?.functionName;
  }

  succeed(invocationId: string, response: RpcInvocationResponse): void {
    this.#take(invocationId)?.resolve(response);
  }

  fail(invocationId: string, error: Error): void {
    this.#take(invocationId)?.reject(error);
  }

  failAll(error: Error): void {
    for (const invocationId of this.#pending.keys()) this.fail(invocationId, error);
  }

  /** Resolves when nothing is pending. */
  drained(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #take(invocationId: string): Pending | undefined {
    const pending = this.#pending.get(invocationId);
    clearTimeout(pending?.timer);
    this.#pending.delete(invocationId);
    if (this.#pending.size === 0) {
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
    return pending;
  }
}
