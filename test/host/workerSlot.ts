/**
 * A place that always has a worker process: when the process ends, a new one starts and invocations wait for it. An
 * app that fails to load three times in a row is given up, with the reason in every later invocation.
 */
import { messageOf, WorkerExited } from './errors.ts';
import type { RpcInvocationRequest, RpcInvocationResponse } from './rpc.ts';
import { type WorkerOptions, WorkerProcess } from './workerProcess.ts';

const LOAD_ATTEMPTS = 3;
const DRAIN_WAIT_MS = 5_000;

export class WorkerSlot {
  #options: WorkerOptions;
  #live: WorkerProcess | undefined;
  #next: Promise<WorkerProcess>;
  #loading: Promise<WorkerProcess> | undefined;
  /** Lets go of the invocations that wait while there is to be no worker. */
  #resume: ((worker: Promise<WorkerProcess>) => void) | undefined;
  #restarts = true;
  /** For good: whoever kills or replaces a worker of a host that ends at that moment must not bring one back. */
  #isStopped = false;

  private constructor(options: WorkerOptions, worker: WorkerProcess) {
    this.#options = options;
    this.#next = Promise.resolve(worker);
    this.#adopt(worker);
  }

  static async start(options: WorkerOptions): Promise<WorkerSlot> {
    return new WorkerSlot(options, await WorkerProcess.start(options));
  }

  get worker(): WorkerProcess | undefined {
    return this.#live;
  }

  async invoke(
    functionName: string,
    request: RpcInvocationRequest,
    timeoutMs: number,
  ): Promise<RpcInvocationResponse> {
    const worker = await this.#next;
    return worker.invoke(functionName, request, timeoutMs);
  }

  /** Ends the process as a crash does. Without restart, invocations wait until a later `kill` or `replace`. */
  async kill(signal: 'SIGKILL' | 'SIGTERM', restart: boolean): Promise<void> {
    if (this.#isStopped) return;
    this.#restarts = restart;
    const dead = this.#live;
    if (dead === undefined && restart && this.#loading === undefined) this.#restart();
    await dead?.kill(signal);
    if (restart && !this.#isStopped) await this.#next;
  }

  /** A new process with other options, once the old one has finished what it is doing. */
  async replace(change: Partial<WorkerOptions>): Promise<void> {
    if (this.#isStopped) return;
    this.#options = { ...this.#options, ...change };
    this.#restarts = true;
    this.#begin(this.#reload(this.#loading));
    await this.#next;
  }

  async #reload(loading: Promise<WorkerProcess> | undefined): Promise<WorkerProcess> {
    await loading?.catch(() => {});
    const old = this.#live;
    if (old) {
      old.onExit = () => {};
      this.#live = undefined;
      await this.#retire(old);
    }
    return this.#load();
  }

  async stop(how: 'terminate' | 'kill'): Promise<void> {
    this.#isStopped = true;
    this.#restarts = false;
    this.#letGo();
    const worker = this.#live;
    if (worker === undefined)
      await this.#loading?.catch(() => {}); // #load ends what it finds unwanted
    else if (how === 'terminate') await worker.terminate();
    else await worker.kill('SIGKILL');
  }

  /** Nobody waits for a worker that will not come. */
  #letGo(): void {
    const over = Promise.reject(new WorkerExited('The host has ended.'));
    over.catch(() => {}); // told to whoever asks
    this.#next = over;
    this.#resume?.(over);
  }

  async #retire(worker: WorkerProcess): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, DRAIN_WAIT_MS);
    });
    await Promise.race([worker.drained(), patience]);
    clearTimeout(timer);
    await worker.terminate();
  }

  #adopt(worker: WorkerProcess): void {
    this.#live = worker;
    worker.onExit = () => {
      this.#live = undefined;
      if (this.#restarts) this.#restart();
      else if (!this.#isStopped) {
        this.#next = new Promise((resolve) => {
          this.#resume = resolve;
        });
        this.#next.catch(() => {}); // the host may end while nobody waits
      }
    };
  }

  #restart(): void {
    this.#begin(this.#load());
  }

  #begin(loading: Promise<WorkerProcess>): void {
    this.#loading = loading;
    this.#next = loading;
    const isOver = () => {
      if (this.#loading === loading) this.#loading = undefined;
    };
    loading.then(isOver, isOver); // a failure is reported by #load, and to each invocation that waits
    this.#resume?.(loading);
  }

  async #load(): Promise<WorkerProcess> {
    for (let attempt = 1; ; attempt++) {
      try {
        const worker = await WorkerProcess.start(this.#options);
        if (this.#restarts) this.#adopt(worker);
        else await worker.kill('SIGKILL');
        return worker;
      } catch (error) {
        const message = `Worker failed to start (attempt ${attempt} of ${LOAD_ATTEMPTS}): ${messageOf(error)}`;
        this.#options.log({ level: 'error', category: 'Host.Worker', message });
        if (attempt === LOAD_ATTEMPTS) throw error;
      }
    }
  }
}
