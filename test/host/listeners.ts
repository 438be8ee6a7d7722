/** All listeners of the app's enabled functions, started and stopped together; a queue can be woken by its URL. */
import type { Execute } from './executor.ts';
import type { AppFunction } from './functionCatalog.ts';
import type { HostConfig } from './hostJson.ts';
import type { LogFunction } from './hostLog.ts';
import type { InFlight } from './inFlight.ts';
import type { QueueClients } from './queueClients.ts';
import { createQueueListener, type Listener } from './queueListener.ts';
import { createTimerListener } from './timerListener.ts';
import type { TimerStatusStore } from './timerStatus.ts';

export interface ListenersParts {
  functions: AppFunction[];
  config: HostConfig;
  leaseSeconds: number;
  timers: boolean;
  queues: QueueClients;
  store: TimerStatusStore;
  execute: Execute;
  inFlight: InFlight;
  log: LogFunction;
  dead: AbortSignal;
}

export function createListeners(parts: ListenersParts): Listener & { wake(queueUrl: string): void } {
  const enabled = parts.functions.filter(({ disabled }) => !disabled);
  const messageAdded = (queueUrl: string) => {
    for (const listener of queueListeners) if (listener.queue.url === queueUrl) listener.wake();
  };
  const queueListeners = enabled
    .filter((fn) => fn.type === 'queue')
    .map((fn) => createQueueListener({ ...parts, fn, options: parts.config.queues, messageAdded }));
  const timerListeners = enabled
    .filter((fn) => fn.type === 'timer' && parts.timers)
    .flatMap((fn) => (fn.type === 'timer' ? [createTimerListener({ ...parts, fn })] : []));
  const all: Listener[] = [...queueListeners, ...timerListeners];
  return {
    wake: messageAdded,
    start: () => {
      for (const listener of all) listener.start();
    },
    stop: async () => {
      await Promise.all(all.map((listener) => listener.stop()));
    },
  };
}
