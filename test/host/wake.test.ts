/**
 * A message that this host itself writes wakes the listener of its queue, however long that is backing off. On fake
 * timers, so that nothing but the wake-up can cause the second look into the queue.
 */
import type { QueueClient } from '@azure/storage-queue';
import { afterEach, expect, test, vi } from 'vitest';
import { createExecutor } from './executor.ts';
import type { QueueFunction } from './functionCatalog.ts';
import { createInFlight } from './inFlight.ts';
import { createListeners } from './listeners.ts';
import type { WorkerPool } from './workerPool.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('an output written into a triggered queue wakes its listener', async () => {
  vi.useFakeTimers();
  const connectionString = 'any';
  let looks = 0;
  const sent: string[] = [];
  const queue = {
    url: 'http://storage/work',
    name: 'work',
    receiveMessages: async () => {
      looks++;
      return { receivedMessageItems: [] };
    },
    sendMessage: async (text: string) => sent.push(text),
  } as unknown as QueueClient;
  const response = { invocationId: '', outputData: [{ name: 'out', data: { string: 'hello' } }] };
  const pool = { invoke: async () => response } as unknown as WorkerPool;
  const fn: QueueFunction = {
    type: 'queue',
    name: 'work',
    triggerName: 'in',
    queueName: 'work',
    connectionString,
    binary: false,
    disabled: false,
    outputs: [{ name: 'out', queueName: 'work', connectionString }],
  };
  const config = {
    functionTimeoutMs: Infinity,
    routePrefix: 'api',
    queues: {
      batchSize: 1,
      newBatchThreshold: 0,
      maxPollingIntervalMs: 60_000,
      visibilityTimeoutSeconds: 0,
      maxDequeueCount: 5,
      messageEncoding: 'none' as const,
    },
  };
  const log = () => {};
  const queues = () => queue;
  const dead = new AbortController().signal;
  const execute = createExecutor({
    dead,
    pool,
    config,
    queues,
    log,
    messageAdded: (url) => listeners.wake(url),
  });
  const listeners = createListeners({
    functions: [fn],
    config,
    leaseSeconds: 600,
    timers: false,
    queues,
    store: { read: async () => undefined, write: async () => {} },
    execute,
    inFlight: createInFlight(),
    log,
    dead,
  });
  listeners.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(looks).toBe(1);

  await execute({ fn, reason: 'test', data: { string: '' } });
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual(['hello']);
  expect(looks).toBe(2);
  await listeners.stop();
});
