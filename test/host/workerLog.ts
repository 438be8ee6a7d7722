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

/** What the line belongs to, if it was written during an invocation. */
export interface LogScope {
  hookData: Record<string, unknown>;
  invocationContext: unknown;
}

export function createLog(hooks: Hook[], appHookData: Record<string, unknown>, sink: LogSink) {
  return (line: WorkerLogLine, scope?: LogScope): void => {
    const context = {
      hookData: scope?.hookData ?? {},
      appHookData,
      invocationContext: scope?.invocationContext,
      level: line.level,
      category: line.category,
      message: line.message,
    };
    let changed = line;
    try {
      for (const hook of hooks) hook(context);
      if (line.category === 'user') changed = { ...line, level: context.level, message: context.message };
    } catch {
      // As in the worker: a broken log hook must not break what is being logged.
    }
    sink(changed);
  };
}
