/**
 * Why an invocation failed, as the host sees it: the function threw, its worker process ended under it, or it ran
 * out of time (which then ends the worker for every other invocation in it).
 */
import type { RpcException } from './rpc.ts';

export class InvocationFailed extends Error {
  override name = 'InvocationFailed';
  readonly exception: RpcException;
  constructor(exception: RpcException) {
    super(exception.message);
    this.exception = exception;
    this.stack = exception.stackTrace;
  }
}

export class WorkerExited extends Error {
  override name = 'WorkerExited';
}

export class FunctionTimedOut extends Error {
  override name = 'FunctionTimedOut';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
