/**
 * One worker process, seen from the host: forked, loaded, invoked, ended. Whatever ends the process fails all that
 * is in flight in it; a function that runs out of time ends the process itself, as on Azure
 * (functions-host `WebScriptHostExceptionHandler.cs`).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FunctionTimedOut, InvocationFailed, WorkerExited } from './errors.ts';
import { type LogFunction, WORKER_CONSOLE } from './hostLog.ts';
import type {
  FunctionMetadata,
  HostToWorker,
  RpcInvocationRequest,
  RpcInvocationResponse,
  WorkerToHost,
} from './rpc.ts';

const TERMINATE_WAIT_MS = 2_000;

export interface WorkerOptions {
  appDir: string;
  env: Record<string, string>;
  clockOffsetMs: number;
  log: LogFunction;
}

interface Pending {
  functionName: string;
  resolve(response: RpcInvocationResponse): void;
  reject(error: Error): void;
}

export class WorkerProcess {
  functions: FunctionMetadata[] = [];
  capabilities: Record<string, string> = {};
  /** Called once, after everything in flight has been failed. */
  onExit: () => void = () => {};
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #log: LogFunction;
  readonly #pending = new Map<string, Pending>();
  #hasExited = false;

  private constructor(options: WorkerOptions) {
    this.#log = options.log;
    this.#child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [], {
      cwd: options.appDir,
      env: { ...options.env, HOST_CLOCK_OFFSET_MS: String(options.clockOffsetMs) },
      execArgv: [
        '--disable-warning=ExperimentalWarning', // type stripping
        '--require',
        fileURLToPath(new URL('clockShift.cjs', import.meta.url)),
      ],
      serialization: 'advanced', // bytes stay bytes
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#forwardConsole();
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#failAll(`The worker process exited (${signal ?? `code ${code}`}).`);
        resolve();
      });
    });
  }

  /** Resolves when the app is loaded; rejects with the reason when it cannot be. */
  static async start(options: WorkerOptions): Promise<WorkerProcess> {
    const worker = new WorkerProcess(options);
    try {
      await worker.#load(options.appDir);
    } catch (error) {
      await worker.kill('SIGKILL');
      throw error;
    }
    return worker;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  invoke(
    functionName: string,
    request: RpcInvocationRequest,
    timeoutMs: number,
  ): Promise<RpcInvocationResponse> {
    const { invocationId } = request;
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(timeoutMs)
        ? setTimeout(() => this.#timeOut(functionName, invocationId, timeoutMs), timeoutMs)
        : undefined;
      this.#pending.set(invocationId, {
        functionName,
        resolve: (response) => {
          clearTimeout(timer);
          resolve(response);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      if (this.#hasExited) this.#failAll('The worker process has exited.');
      else this.#send({ type: 'invoke', request });
    });
  }

  /** Resolves when nothing is in flight in this process. */
  async drained(): Promise<void> {
    while (this.#pending.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.#hasExited) this.#child.kill(signal);
    await this.exited;
  }

  /** The polite end: `appTerminate` hooks run, then the process exits by itself or is killed. */
  async terminate(): Promise<void> {
    this.#send({ type: 'terminate' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), TERMINATE_WAIT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  #send(message: HostToWorker): void {
    // A channel that is just closing: the exit event follows and fails what is pending.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #load(appDir: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const exitedEarly = () =>
        reject(new WorkerExited('The worker process exited while it loaded the app.'));
      this.#child.once('exit', exitedEarly);
      this.#child.on('message', (message: WorkerToHost) => {
        if (message.type === 'loaded') {
          this.functions = message.functions;
          this.capabilities = message.capabilities;
          this.#child.off('exit', exitedEarly);
          resolve();
        } else if (message.type === 'loadFailed') {
          reject(new Error(message.message));
        } else {
          this.#receive(message);
        }
      });
      this.#send({ type: 'load', appDir });
    });
  }

  #receive(message: Exclude<WorkerToHost, { type: 'loaded' | 'loadFailed' }>): void {
    switch (message.type) {
      case 'log': {
        const functionName = this.#pending.get(message.invocationId ?? '')?.functionName;
        const invocation = message.invocationId === undefined ? {} : { invocationId: message.invocationId };
        const category =
          message.category === 'user' ? `Function.${functionName}.User` : `Worker.${message.category}`;
        const named = functionName === undefined ? {} : { functionName };
        this.#log({
          level: message.level,
          category,
          message: message.message,
          worker: this.pid,
          ...named,
          ...invocation,
        });
        break;
      }
      case 'succeeded':
        this.#settle(message.response.invocationId, (pending) => pending.resolve(message.response));
        break;
      case 'failed':
        this.#settle(message.invocationId, (pending) =>
          pending.reject(new InvocationFailed(message.exception)),
        );
        break;
    }
  }

  #settle(invocationId: string, end: (pending: Pending) => void): void {
    const pending = this.#pending.get(invocationId);
    this.#pending.delete(invocationId);
    if (pending !== undefined) end(pending);
  }

  #timeOut(functionName: string, invocationId: string, timeoutMs: number): void {
    const message = `Timeout value of ${timeoutMs / 1000} s was exceeded by function: Functions.${functionName}. The worker process restarts.`;
    this.#log({
      level: 'error',
      category: 'Host.Results',
      message,
      functionName,
      invocationId,
      worker: this.pid,
    });
    this.#settle(invocationId, (pending) => pending.reject(new FunctionTimedOut(message)));
    this.#child.kill('SIGKILL');
  }

  #failAll(reason: string): void {
    const first = !this.#hasExited;
    this.#hasExited = true;
    for (const id of [...this.#pending.keys()])
      this.#settle(id, (pending) => pending.reject(new WorkerExited(reason)));
    if (first) this.onExit();
  }

  #forwardConsole(): void {
    for (const [stream, level] of [
      [this.#child.stdout, 'information'],
      [this.#child.stderr, 'error'],
    ] as const) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        for (const message of text.split('\n').filter((line) => line !== '')) {
          this.#log({ level, category: WORKER_CONSOLE, message, worker: this.pid });
        }
      });
    }
  }
}
