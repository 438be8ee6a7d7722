/** What an app that runs for long must not gather: memory and open handles of its worker, messages in its queues. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { QueueServiceClient } from '@azure/storage-queue';
import type { AppName, FaultStack } from '../faults/faultStack.ts';

const run = promisify(execFile);

export interface WorkerUse {
  readonly memoryMb: number;
  /** Null where the system does not say: only Linux has /proc. */
  readonly handles: number | null;
}

export interface Sample {
  readonly atSeconds: number;
  readonly workers: Readonly<Record<AppName, WorkerUse>>;
  readonly messages: Messages;
}

export interface Messages {
  /** By queue: all that lie there, also those that become visible later, such as the one at a deadline. */
  readonly all: ReadonlyMap<string, number>;
  /** Due, and taken by nobody. */
  readonly visible: number;
}

export async function sample(stack: FaultStack, begun: number): Promise<Sample> {
  const [backup, restore] = await Promise.all([useOf(stack, 'backup'), useOf(stack, 'restore')]);
  return {
    atSeconds: Math.round((performance.now() - begun) / 1000),
    workers: { backup, restore },
    messages: await messagesIn(stack),
  };
}

async function useOf({ hosts }: FaultStack, app: AppName): Promise<WorkerUse> {
  const pid = hosts[app].workerPids()[0];
  if (pid === undefined) throw new Error(`the ${app} app has no worker`);
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  const handles = await readdir(`/proc/${pid}/fd`).catch(() => null);
  return { memoryMb: Math.round(Number(stdout) / 1024), handles: handles?.length ?? null };
}

export async function messagesIn({ e2e }: FaultStack): Promise<Messages> {
  // Behind the proxy, so that no fault hits the one who looks.
  const service = QueueServiceClient.fromConnectionString(e2e.stack.azurite.connectionString);
  const all = new Map<string, number>();
  let visible = 0;
  for await (const { name } of service.listQueues()) {
    const queue = service.getQueueClient(name);
    const { approximateMessagesCount = 0 } = await queue.getProperties();
    all.set(name, approximateMessagesCount);
    if (approximateMessagesCount === 0) continue;
    const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
    visible += peekedMessageItems.length;
  }
  return { all, visible };
}

export const sum = (counts: Iterable<number>): number => [...counts].reduce((total, one) => total + one, 0);

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const fewestSamples = 8;
const mostGrowth = 1.5;
const leastMb = 64;
const leastHandles = 100;

/** The last quarter of the time beside the second: the first is warming up. */
export function growthIn(samples: readonly Sample[]): string[] {
  if (samples.length < fewestSamples) return [];
  const quarter = Math.floor(samples.length / 4);
  const problems: string[] = [];
  for (const app of ['backup', 'restore'] as const) {
    const grown = (what: string, least: number, value: (use: WorkerUse) => number) => {
      const of = (some: readonly Sample[]) => median(some.map(({ workers }) => value(workers[app])));
      const before = of(samples.slice(quarter, 2 * quarter));
      const after = of(samples.slice(-quarter));
      if (after - before > least && after > before * mostGrowth)
        problems.push(`the ${app} worker's ${what} grew from ${before} to ${after}`);
    };
    grown('memory (MB)', leastMb, ({ memoryMb }) => memoryMb);
    grown('open handles', leastHandles, ({ handles }) => handles ?? 0);
  }
  return problems;
}
