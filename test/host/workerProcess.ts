/**
 * One worker process, seen from the host: forked, loaded, invoked, ended. Whatever ends the process fails all that
 * is in flight in it; a function that runs out of time ends the process itself, as on Azure
 * (functions-host `WebScriptHostExceptionHandler.cs`).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FunctionTimedOut, InvocationFailed, WorkerExited } from './errors.ts';
import { type LogFunction, WORKER_CONSOLE } from './hostLog.ts';
import { PendingInvocations } from './pendingInvocations.ts';
import type {
  FunctionMetadata,
  HostToWorker,
  RpcInvocationRequest,
  RpcInvocationResponse,
  WorkerToHost,
} from './rpc.ts';

/** The host's own setting for them, as under Core Tools: `--inspect=9229` lets a debugger attach. */
const nodeArguments = (env: Record<string, string>): string[] =>
  (env['languageWorkers__node__arguments'] ?? '').split(' ').filter(Boolean);

const TERMINATE_WAIT_MS = 2_000;

export interface WorkerOptions {
  appDir: string;
  env: Record<string, string>;
  clockOffsetMs: number;
  log: LogFunction;
}

export class WorkerProcess {
  functions: FunctionMetadata[] = [];
  capabilities: Record<string, string> = {};
  /** Called once, after everything in flight has been failed. */
  onExit: () => void = () => {};
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #log: LogFunction;
  readonly #pending = new PendingInvocations();
  #hasExited = false;

  private constructor(options: WorkerOptions) {
    this.#log = options.log;
    this.#child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [], {
      cwd: options.appDir,
      env: { ...options.env, HOST_CLOCK_OFFSET_MS: String(options.clockOffsetMs) },
      execArgv: [
        '--disable-warning=ExperimentalWarning', // type stripping
        ...nodeArguments(options.env),
        '--require',
        fileURLToPath(new URL('clockShift.cjs', import.meta.url)),
      ],
      serialization: 'advanced', // bytes stay bytes
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#forwardConsole();
    this.exited = new Promise((resolve) => {
      const ended = (reason: string) => {
        this.#hasExited = true;
        this.#pending.failAll(new WorkerExited(`The worker process ${reason}.`));
        this.onExit();
        resolve();
      };
      this.#child.once('exit', (code, signal) => ended(`exited (${signal ?? `code ${code}`})`));
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) ended(`could not be started: ${error.message}`);
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
    if (this.#hasExited) return Promise.reject(new WorkerExited('The worker process has exited.'));
    const result = this.#pending.add(invocationId, functionName, timeoutMs, () =>
      this.#timeOut(functionName, invocationId, timeoutMs),
    );
    this.#send({ type: 'invoke', request });
    return result;
  }

  /** Resolves when nothing is in flight in this process. */
  drained(): Promise<void> {
    return this.#pending.drained();
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
        const functionName = this.#pending.functionOf(message.invocationId);
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
        this.#pending.succeed(message.response.invocationId, message.response);
        break;
      case 'failed':
        this.#pending.fail(message.invocationId, new InvocationFailed(message.exception));
        break;
    }
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
    this.#pending.fail(invocationId, new FunctionTimedOut(message));
    this.#child.kill('SIGKILL');
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
