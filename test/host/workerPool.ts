/**
 * Which worker process runs which function. Usually one process runs all; 'perFunction' gives every function that is
 * not HTTP its own, as Flex Consumption gives it its own instances, so that per-process state shows itself.
 */
import type { FunctionMetadata, RpcInvocationRequest, RpcInvocationResponse } from './rpc.ts';
import type { WorkerOptions } from './workerProcess.ts';
import { WorkerSlot } from './workerSlot.ts';

export class WorkerPool {
  readonly functions: FunctionMetadata[];
  readonly capabilities: Record<string, string>;
  readonly #slotOf: Map<string, WorkerSlot>;
  readonly #slots: Set<WorkerSlot>;

  private constructor(first: WorkerSlot, slotOf: Map<string, WorkerSlot>) {
    this.functions = first.worker?.functions ?? [];
    this.capabilities = first.worker?.capabilities ?? {};
    this.#slotOf = slotOf;
    this.#slots = new Set([first, ...slotOf.values()]);
  }

  static async start(options: WorkerOptions, processes: 'one' | 'perFunction'): Promise<WorkerPool> {
    const first = await WorkerSlot.start(options);
    const functions = first.worker?.functions ?? [];
    const slotOf = new Map(functions.map(({ name }) => [name, first]));
    if (processes === 'perFunction') {
      const alone = functions.filter((fn) => !isHttp(fn));
      // The first process serves HTTP; where there is none, it serves the first function.
      const others = alone.length === functions.length ? alone.slice(1) : alone;
      try {
        for (const { name } of others) slotOf.set(name, await WorkerSlot.start(options));
      } catch (error) {
        await Promise.all(Array.from(new Set(slotOf.values()), (slot) => slot.stop('kill')));
        throw error;
      }
    }
    return new WorkerPool(first, slotOf);
  }

  invoke(
    functionName: string,
    request: RpcInvocationRequest,
    timeoutMs: number,
  ): Promise<RpcInvocationResponse> {
    const slot = this.#slotOf.get(functionName);
    if (slot === undefined) throw new Error(`Function "${functionName}" does not exist.`);
    return slot.invoke(functionName, request, timeoutMs);
  }

  pids(): number[] {
    return [...this.#slots].flatMap(({ worker }) => (worker === undefined ? [] : [worker.pid]));
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM', restart: boolean): Promise<void> {
    await Promise.all(Array.from(this.#slots, (slot) => slot.kill(signal, restart)));
  }

  async setClockOffset(clockOffsetMs: number): Promise<void> {
    await Promise.all(Array.from(this.#slots, (slot) => slot.replace({ clockOffsetMs })));
  }

  async stop(how: 'terminate' | 'kill'): Promise<void> {
    await Promise.all(Array.from(this.#slots, (slot) => slot.stop(how)));
  }
}

function isHttp(fn: FunctionMetadata): boolean {
  return Object.values(fn.bindings).some(({ type }) => type.toLowerCase() === 'httptrigger');
}
