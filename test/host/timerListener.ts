/**
 * Fires one timer function (`TimerListener.cs`): past due or runOnStartup at once, then every occurrence, each armed
 * only after the run before it has ended, so that runs never overlap and missed ones are caught up by one. Every
 * listener fires: there is no lock over several hosts.
 */
import { createAlarm } from './alarm.ts';
import { messageOf } from './errors.ts';
import type { Execute } from './executor.ts';
import type { TimerFunction } from './functionCatalog.ts';
import type { LogFunction } from './hostLog.ts';
import type { InFlight } from './inFlight.ts';
import type { Listener } from './queueListener.ts';
import { withRetries } from './retryPolicy.ts';
import type { RpcTypedData } from './rpc.ts';
import { statusAfterRun, statusAtStart } from './timerSchedule.ts';
import { type ScheduleStatus, type TimerStatusStore, toDotNet } from './timerStatus.ts';

export interface TimerListenerParts {
  fn: TimerFunction;
  store: TimerStatusStore;
  execute: Execute;
  inFlight: InFlight;
  log: LogFunction;
  /** Aborted when the host dies: nothing is stored after that. */
  dead: AbortSignal;
}

export function timerInfo(status: ScheduleStatus | undefined, isPastDue: boolean): RpcTypedData {
  const info = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: status === undefined ? null : toDotNet(status),
    IsPastDue: isPastDue,
  };
  return { json: JSON.stringify(info) };
}

export function createTimerListener(parts: TimerListenerParts): Listener {
  const { fn, store, execute, inFlight, log, dead } = parts;
  const alarm = createAlarm();
  let status: ScheduleStatus | undefined;
  let loop = Promise.resolve();

  async function fire(kind: 'tick' | 'pastDue' | 'startup'): Promise<void> {
    const invokedAt = new Date();
    try {
      await withRetries(fn.retry, alarm, (retryContext) =>
        execute({
          fn,
          reason: kind === 'startup' ? 'RunOnStartup' : `Timer fired at ${invokedAt.toISOString()}`,
          data: timerInfo(status, kind === 'pastDue'),
          retryContext,
        }),
      );
    } catch {
      // Logged by the executor; a failed run waits for its next occurrence like any other.
    }
    if (status === undefined || dead.aborted) return;
    status = statusAfterRun(status, fn.cron, invokedAt, kind !== 'tick');
    await store.write(fn.name, status);
  }

  async function begin(): Promise<'pastDue' | 'startup' | undefined> {
    let isPastDue = false;
    if (fn.useMonitor) {
      const start = statusAtStart(await store.read(fn.name), fn.cron, new Date());
      status = start.status;
      isPastDue = start.isPastDue;
      if (start.changed) await store.write(fn.name, start.status);
    }
    if (isPastDue) return 'pastDue';
    return fn.runOnStartup ? 'startup' : undefined;
  }

  async function run(): Promise<void> {
    const outOfTurn = await begin();
    if (outOfTurn !== undefined && !alarm.closed) await inFlight.track(fire(outOfTurn));
    while (!alarm.closed) {
      const next = status?.next ?? fn.cron.next(new Date());
      await alarm.wait(next.getTime() - Date.now());
      if (!alarm.closed) await inFlight.track(fire('tick'));
    }
  }

  async function keepRunning(): Promise<void> {
    while (!alarm.closed) {
      try {
        await run();
      } catch (error) {
        const message = `Timer ${fn.name}: ${messageOf(error)}`;
        log({ level: 'error', category: 'Host.Triggers.Timer', message, functionName: fn.name });
        await alarm.wait(1_000);
      }
    }
  }

  return {
    start: () => {
      loop = keepRunning();
    },
    stop: async () => {
      alarm.close();
      await Promise.race([loop, inFlight.idle()]); // a run that goes on keeps the loop alive
    },
  };
}
