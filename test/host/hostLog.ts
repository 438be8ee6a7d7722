/** The host's log: a bounded ring of lines for tests and tools to read, and a listener for those who print them. */
import type { LogLevel } from './rpc.ts';

export const WORKER_CONSOLE = 'Host.Function.Console';
const KEPT_LINES = 5_000;

export interface HostLogLine {
  at: Date;
  level: LogLevel;
  category: string;
  message: string;
  functionName?: string;
  invocationId?: string;
  /** Process id of the worker that the line came from. */
  worker?: number;
}
export type LogFunction = (line: Omit<HostLogLine, 'at'>) => void;

export function createHostLog(listener?: (line: HostLogLine) => void): {
  lines: HostLogLine[];
  log: LogFunction;
} {
  const lines: HostLogLine[] = [];
  return {
    lines,
    log: (line) => {
      const stamped = { at: new Date(), ...line };
      lines.push(stamped);
      if (lines.length > KEPT_LINES) lines.splice(0, lines.length - KEPT_LINES);
      listener?.(stamped);
    },
  };
}
