/**
 * Runs one function once, from the host's side: an id, a log line before and after, the worker, then the output
 * bindings. It fails when the function fails or when an output cannot be written; outputs already written stay.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { messageOf } from './errors.ts';
import type { AppFunction } from './functionCatalog.ts';
import type { HostConfig } from './hostJson.ts';
import type { LogFunction } from './hostLog.ts';
import { type QueueClients, sendCreating } from './queueClients.ts';
import { outgoingMessages } from './queueOutput.ts';
import type { RetryContext, RpcInvocationResponse, RpcTypedData } from './rpc.ts';
import type { WorkerPool } from './workerPool.ts';

export interface Execution {
  fn: AppFunction;
  reason: string;
  data: RpcTypedData;
  triggerMetadata?: Record<string, RpcTypedData>;
  retryContext?: RetryContext | undefined;
}
export type Execute = (execution: Execution) => Promise<RpcInvocationResponse>;

export interface ExecutorParts {
  pool: WorkerPool;
  config: HostConfig;
  queues: QueueClients;
  log: LogFunction;
  /** Aborted when the host dies: no output is written after that. */
  dead: AbortSignal;
  /** A message was put on this queue: whoever listens there looks at once. */
  messageAdded(queueUrl: string): void;
}

export function createExecutor({ pool, config, queues, log, dead, messageAdded }: ExecutorParts): Execute {
  async function writeOutputs(fn: AppFunction, response: RpcInvocationResponse): Promise<void> {
    for (const { output, text } of outgoingMessages(fn.outputs, response, config.queues.messageEncoding)) {
      const queue = queues(output.connectionString, output.queueName);
      await sendCreating(queue, text, dead);
      messageAdded(queue.url);
    }
  }

  return async ({ fn, reason, data, triggerMetadata, retryContext }) => {
    const invocationId = randomUUID();
    const startedAt = performance.now();
    const tell = (level: 'information' | 'error', message: string) =>
      log({ level, category: `Function.${fn.name}`, message, functionName: fn.name, invocationId });
    const took = () => `Id=${invocationId}, Duration=${Math.round(performance.now() - startedAt)}ms`;
    tell('information', `Executing 'Functions.${fn.name}' (Reason='${reason}', Id=${invocationId})`);
    try {
      const request = {
        invocationId,
        functionId: fn.name,
        inputData: [{ name: fn.triggerName, data }],
        triggerMetadata: triggerMetadata ?? {},
        traceContext: {
          traceParent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
          traceState: '',
          attributes: {},
        },
        ...(retryContext === undefined ? {} : { retryContext }),
      };
      const response = await pool.invoke(fn.name, request, config.functionTimeoutMs);
      await writeOutputs(fn, response);
      tell('information', `Executed 'Functions.${fn.name}' (Succeeded, ${took()})`);
      return response;
    } catch (error) {
      tell('error', `Executed 'Functions.${fn.name}' (Failed, ${took()}): ${messageOf(error)}`);
      throw error;
    }
  };
}
