/** What a user of the local host sees: the options of `startHost` and the handle it returns. */
import type { FunctionKeys } from './auth.ts';
import type { FunctionInfo } from './functionInfo.ts';
import type { HostLogLine } from './hostLog.ts';

export interface HttpAnswer {
  method: string;
  /** The function's route template, without the prefix. */
  route: string;
  status: number;
  contentType: string | undefined;
  body: string;
}

export interface HostOptions {
  /** Has package.json (with `main`) and host.json. */
  appDir: string;
  /** App settings. The worker's environment is these and PATH, HOME and the like, nothing else. */
  env: Record<string, string>;
  /** `Values` of this file lie under `env`; the environment is then Development, as under Core Tools. */
  localSettingsFile?: string;
  /** 0 or absent: a free port. */
  port?: number;
  /** How long a received message stays invisible, renewed at half time. Azure: 600. */
  queueLeaseSeconds?: number;
  /** Instead of host.json's maxPollingInterval (default a minute, 2 s in Development). */
  maxPollingIntervalMs?: number;
  /** Shifts Date in the workers (not the host's own timers). */
  clockOffsetMs?: number;
  /** Function keys are enforced; needs `keys`. Default false, as under Core Tools. */
  enableAuth?: boolean;
  keys?: FunctionKeys;
  /** `perFunction`: every function that is not HTTP in its own worker process, as Flex Consumption has it. */
  processes?: 'one' | 'perFunction';
  /** false: timers fire only when asked to. */
  timers?: boolean;
  log?: (line: HostLogLine) => void;
  /** Sees every answer of an HTTP function, before the caller does. */
  onHttpAnswer?: (answer: HttpAnswer) => void;
  hostId?: string;
}

export interface LocalHost {
  /** `http://127.0.0.1:<port>` */
  url: string;
  functions: FunctionInfo[];
  /** The last 5,000 lines. */
  logs: HostLogLine[];
  /** Like an admin call, but awaits the end and rejects with the failure. */
  invoke(name: string, input?: string): Promise<void>;
  inFlight(): number;
  /**
   * The worker processes die as in a crash: what is in flight fails at once and the host releases its messages. With
   * `restart: false` invocations wait until a later `killWorker` or `setClockOffset` starts new ones.
   */
  killWorker(signal?: 'SIGKILL' | 'SIGTERM', options?: { restart?: boolean }): Promise<void>;
  /** Everything dies: no message is released, deleted or poisoned; they reappear when their lease runs out. */
  killHost(): Promise<void>;
  /** New worker processes with the new offset, after the old ones have finished what they are doing. */
  setClockOffset(ms: number): Promise<void>;
  /** Resolves when nothing is in flight. */
  idle(): Promise<void>;
  workerPids(): number[];
  /** Takes no new work, waits for what runs (at most 5 s), ends the workers. */
  stop(): Promise<void>;
}
