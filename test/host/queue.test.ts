/** The queue trigger and queue outputs against a real Azurite: every rule of completion, encoding and metadata. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../local/azurite.ts';
import type { HostOptions, LocalHost } from './host.ts';
import {
  countLines,
  eventually,
  logged,
  messageCount,
  peekBodies,
  queue,
  send,
  start,
  stopHosts,
} from './testTools.ts';

let azurite: Azurite;
let queueName = '';
let queues = 0;
beforeAll(async () => {
  azurite = await startAzurite();
});
beforeEach(() => {
  queueName = `work-${++queues}`;
});
afterEach(stopHosts);
afterAll(() => azurite.stop());

interface Got {
  message: unknown;
  isBuffer: boolean;
  metadata: Record<string, unknown>;
}

const work = () => queue(azurite.connectionString, queueName);
const poison = () => queue(azurite.connectionString, `${queueName}-poison`);
const copies = () => queue(azurite.connectionString, `${queueName}-copies`);
const runs = (host: LocalHost, name = 'work') => countLines(host, `Executing 'Functions.${name}'`);

function startMain(env: Record<string, string> = {}, options: Partial<HostOptions> = {}): Promise<LocalHost> {
  const storage = azurite.connectionString;
  return start('main', {
    env: {
      AzureWebJobsStorage: storage,
      AzureWebJobsWork: storage,
      WORK_QUEUE: queueName,
      NIGHTLY: '0 0 0 1 1 *',
      ...env,
    },
    ...options,
  });
}
/** As hosts do that die over a message: its dequeue count goes up. */
async function receiveAndRelease(times: number): Promise<void> {
  for (let attempt = 1; attempt <= times; attempt++) {
    const { receivedMessageItems } = await work().receiveMessages({ visibilityTimeout: 60 });
    const [message] = receivedMessageItems;
    expect(message?.dequeueCount).toBe(attempt);
    await work().updateMessage(message?.messageId ?? '', message?.popReceipt ?? '', undefined, 0);
  }
}
const option = (name: string) => `AzureFunctionsJobHost__extensions__queues__${name}`;
const NO_POISON_HANDLER = { 'AzureWebJobs.poisoned.Disabled': 'true' };

describe('a queue message', () => {
  test('reaches the function as JSON with seven metadata values, and is deleted', async () => {
    const host = await startMain();
    await send(work(), { job: { n: 1 } });
    const [got] = await eventually('the message', () =>
      logged<Got>(host, 'got').length > 0 ? logged<Got>(host, 'got') : false,
    );
    expect(got?.message).toEqual({ job: { n: 1 } });
    expect(got?.metadata).toEqual({
      queueTrigger: { job: { n: 1 } },
      dequeueCount: 1,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      popReceipt: expect.any(String),
      insertionTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
      expirationTime: expect.any(String),
      nextVisibleTime: expect.any(String),
      job: { n: 1 },
    });
    await eventually('deletion', async () => (await messageCount(work())) === 0);
  });

  test('hides metadata behind its own top-level properties, but not by arrays and nulls', async () => {
    const host = await startMain();
    await send(work(), {
      ID: 7,
      dequeuecount: true,
      popReceipt: ['x'],
      insertionTime: null,
      own: { a: 'b' },
    });
    const got = await eventually('the message', () => logged<Got>(host, 'got')[0]);
    expect(got.metadata).toMatchObject({ id: 7, dequeueCount: 'True', own: { a: 'b' } });
    expect(got.metadata['popReceipt']).toEqual(expect.any(String));
    expect(got.metadata['insertionTime']).toEqual(expect.any(String));
  });

  test('that is not base64 goes to the poison queue as it is, and no function sees it', async () => {
    const host = await startMain(NO_POISON_HANDLER);
    await work().createIfNotExists();
    await work().sendMessage('{"raw":"text"}');
    await eventually('the poison copy', async () => (await messageCount(poison())) === 1);
    const { peekedMessageItems } = await poison().peekMessages();
    expect(peekedMessageItems[0]?.messageText).toBe('{"raw":"text"}');
    expect(runs(host)).toBe(0);
    await eventually('deletion', async () => (await messageCount(work())) === 0);
  });

  test('is taken as raw text with messageEncoding none', async () => {
    const host = await startMain({ [option('messageEncoding')]: 'none' });
    await work().createIfNotExists();
    await work().sendMessage('{"raw":"text"}');
    const got = await eventually('the message', () => logged<Got>(host, 'got')[0]);
    expect(got.message).toEqual({ raw: 'text' });
  });

  test('in a queue that is made after the start is found all the same', async () => {
    const host = await startMain();
    expect(await work().exists()).toBe(false);
    await send(work(), { late: true });
    await eventually('the message', () => runs(host) === 1);
  });
});

describe('a message whose function fails', () => {
  test('is tried maxDequeueCount times, then copied to the poison queue with the same body', async () => {
    const host = await startMain(NO_POISON_HANDLER);
    await send(work(), { do: { act: 'throw' } });
    await eventually('the poison copy', async () => (await messageCount(poison())) === 1);
    expect(await peekBodies(poison())).toEqual(['{"do":{"act":"throw"}}']);
    expect(logged<Got>(host, 'got').map(({ metadata }) => metadata['dequeueCount'])).toEqual([1, 2]);
    await eventually('deletion', async () => (await messageCount(work())) === 0);
  });

  test('comes back only after visibilityTimeout', async () => {
    const host = await startMain({ [option('visibilityTimeout')]: '00:00:01', ...NO_POISON_HANDLER });
    await send(work(), { do: { act: 'throw' } });
    await eventually('two attempts', () => runs(host) === 2);
    const [first, second] = host.logs.filter(({ message }) =>
      message.startsWith("Executing 'Functions.work'"),
    );
    expect((second?.at.getTime() ?? 0) - (first?.at.getTime() ?? 0)).toBeGreaterThan(900);
  });

  test('goes to the poison queue right after its last attempt, not when it comes back', async () => {
    await send(work(), { do: { act: 'throw' } });
    await receiveAndRelease(1);
    await startMain({ [option('visibilityTimeout')]: '00:10:00', ...NO_POISON_HANDLER });
    await eventually('the poison copy', async () => (await messageCount(poison())) === 1);
    expect(await messageCount(work())).toBe(0);
  });

  test('does not run again when an earlier host used up its attempts', async () => {
    await send(work(), { do: { act: 'output', value: 'never' } });
    await receiveAndRelease(2);
    const host = await startMain(NO_POISON_HANDLER);
    await eventually('the poison copy', async () => (await messageCount(poison())) === 1);
    expect(runs(host)).toBe(0);
  });

  test('wakes the function of the poison queue, which has no poison queue of its own', async () => {
    const host = await startMain();
    await send(work(), { do: { act: 'throw', failInPoison: true } });
    await eventually('the poison run', () => countLines(host, "Executed 'Functions.poisoned' (Failed") === 1);
    await host.idle();
    // It stays invisible: neither deleted, nor seen again, nor moved on.
    expect(await messageCount(poison())).toBe(1);
    expect(await peekBodies(poison())).toEqual([]);
    expect(await queue(azurite.connectionString, `${queueName}-poison-poison`).exists()).toBe(false);
  });
});

describe('receiving', () => {
  test('a batch, and the next one only when newBatchThreshold or fewer are running', async () => {
    await work().createIfNotExists();
    for (let n = 0; n < 12; n++)
      await send(work(), { do: n < 2 ? { act: 'wait', ms: 100 } : { act: 'hang' } });
    const host = await startMain(); // batchSize 4, newBatchThreshold 2
    // 4 started; 2 of them ended, which left 2; so 4 more started, and 6 are running.
    await eventually('the second batch', () => runs(host) === 8);
    await send(poison(), { other: 'queue' });
    await eventually(
      'the other queue',
      async () => runs(host, 'poisoned') === 1 && (await messageCount(poison())) === 0,
    );
    expect(runs(host)).toBe(8);
    await eventually('only six', () => host.inFlight() === 6);
    expect(await peekBodies(work())).toHaveLength(4);
  });

  test('with a lease that is renewed at half time, so that a long run is not doubled', async () => {
    const host = await startMain({}, { queueLeaseSeconds: 2 });
    await send(work(), { do: { act: 'wait', ms: 3_300 } });
    await eventually('the end', () => countLines(host, "Executed 'Functions.work' (Succeeded") === 1);
    await eventually('deletion', async () => (await messageCount(work())) === 0);
    expect(runs(host)).toBe(1);
  });

  test('after killHost nothing was released: the message comes back when its lease ends', async () => {
    const first = await startMain({}, { queueLeaseSeconds: 2 });
    await send(work(), { do: { act: 'hang' } });
    await eventually('the run', () => runs(first) === 1);
    await first.killHost();
    expect(await messageCount(work())).toBe(1);
    expect(await peekBodies(work())).toEqual([]);
    expect(first.workerPids()).toEqual([]);
    const second = await startMain({}, { queueLeaseSeconds: 2 });
    const got = await eventually('the message', () => logged<Got>(second, 'got')[0]);
    expect(got.metadata['dequeueCount']).toBe(2);
    expect(await poison().exists()).toBe(false);
  });
});

describe('a queue output', () => {
  const output = async (value: unknown): Promise<string[]> => {
    const host = await startMain();
    await send(work(), { do: { act: 'output', value } });
    await eventually('the run', () => countLines(host, "Executed 'Functions.work' (Succeeded") === 1);
    return peekBodies(copies());
  };

  test('creates its queue and writes one message per element, objects as indented JSON', async () => {
    expect(await output([{ a: 1 }, 'text', 5])).toEqual(['{\n  "a": 1\n}', 'text', '5']);
  });

  test('splits a text that holds a JSON array', async () => {
    expect(await output('["a","b"]')).toEqual(['a', 'b']);
  });

  test('of 48 KiB passes, and one byte more fails the run', async () => {
    const host = await startMain(NO_POISON_HANDLER);
    await send(work(), { do: { act: 'bigOutput', bytes: 49_152 } });
    await eventually('the copy', async () => (await messageCount(copies())) === 1);
    await send(work(), { do: { act: 'bigOutput', bytes: 49_153 } });
    await eventually('the poison copy', async () => (await messageCount(poison())) === 1);
    expect(countLines(host, 'RequestBodyTooLarge')).toBeGreaterThan(0);
    expect(await messageCount(copies())).toBe(1);
  });
});
