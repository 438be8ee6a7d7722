/**
 * Log lines inside the worker. `log` hooks run on every line, synchronously, with their errors swallowed, and may
 * change level and message of user lines only (nodejs-worker `WorkerContext.ts`).
 */
import type { Hook } from './coreModule.ts';
import type { LogLevel } from './rpc.ts';

export interface WorkerLogLine {
  level: LogLevel;
  category: string;
  message: string;
  invocationId?: string;
}
export type LogSink = (line: WorkerLogLine) => void;

export function createLog(hooks: Hook[], appHookData: Record<string, unknown>, sink: LogSink) {
  return (line: WorkerLogLine, invocationContext?: unknown): void => {
    const context = {
      hookData: {},
      appHookData,
      invocationContext,
      level: line.level,
      category: line.category,
      message: line.message,
    };
    for (const hook of hooks) {
      try {
        hook(context);
      } catch {
        // As in the worker: a broken log hook must not break what is being logged.
      }
    }
    sink(line.category === 'user' ? { ...line, level: context.level, message: context.message } : line);
  };
}
