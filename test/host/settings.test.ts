/** Settings, connections, host.json, and the small pure parts of the queue trigger, as tables. */
import { afterEach, describe, expect, test } from 'vitest';
import { createBackoff } from './backoff.ts';
import { readHostConfig } from './hostJson.ts';
import { decodeBackupMessage } from './queueMessage.ts';
import { messageBodies } from './queueOutput.ts';
import { connectionString, expandSettings } from './settings.ts';
import { removeApps, writeApp } from './tempApp.ts';
import { parseTimeSpanMs } from './timeSpan.ts';

afterEach(removeApps);

describe('a connection', () => {
  test.each([
    ['Jobs', { AzureWebJobsJobs: 'prefixed', Jobs: 'plain' }, 'prefixed'],
    ['Jobs', { Jobs: 'plain' }, 'plain'],
    ['Jobs', { 'ConnectionStrings:Jobs': 'listed', Jobs: 'plain' }, 'listed'],
    ['AzureWebJobsStorage', { AzureWebJobsStorage: 'host' }, 'host'],
    ['', { AzureWebJobsStorage: 'host' }, 'host'],
    [undefined, { AzureWebJobsStorage: 'host' }, 'host'],
    ['%WHICH%', { WHICH: 'Jobs', Jobs: 'plain' }, 'plain'],
    ['jobs', { JOBS: 'any case' }, 'any case'],
    ['Jobs', { AzureWebJobsJobs: '', Jobs: 'plain' }, 'plain'],
  ])('%s in %o is %s', (name, settings, expected) => {
    expect(connectionString(name, settings as Record<string, string>, 'f')).toBe(expected);
  });
});

test('%SETTING% is expanded wherever it stands', () => {
  expect(expandSettings('a-%B%-%C%', { B: '1', C: '2' }, 'f')).toBe('a-1-2');
});

describe('host.json', () => {
  const read = (json: string, settings: Record<string, string> = {}) =>
    readHostConfig(writeApp({ 'host.json': json }), settings);

  test('has the defaults of Azure', () => {
    const { queues, ...rest } = read('{"version":"2.0"}');
    expect(rest).toEqual({ functionTimeoutMs: 30 * 60_000, routePrefix: 'api' });
    expect(queues).toMatchObject({
      batchSize: 16,
      maxPollingIntervalMs: 60_000,
      visibilityTimeoutSeconds: 0,
      maxDequeueCount: 5,
      messageEncoding: 'base64',
    });
    expect(queues.newBatchThreshold % 8).toBe(0); // (batchSize / 2) × cores
  });

  test('polls every two seconds in Development, unless it says otherwise', () => {
    const env = { AZURE_FUNCTIONS_ENVIRONMENT: 'Development' };
    expect(read('{"version":"2.0"}', env).queues.maxPollingIntervalMs).toBe(2_000);
    const own = '{"version":"2.0","extensions":{"queues":{"maxPollingInterval":"00:00:10"}}}';
    expect(read(own, env).queues.maxPollingIntervalMs).toBe(10_000);
  });

  test('is overridden by AzureFunctionsJobHost__ settings, in any case', () => {
    const config = read('{"version":"2.0","Extensions":{"queues":{"batchSize":2}}}', {
      AzureFunctionsJobHost__extensions__Queues__BatchSize: '8',
      AzureFunctionsJobHost__extensions__http__routePrefix: 'v1',
      'AzureFunctionsJobHost:functionTimeout': '-1',
    });
    expect(config.queues.batchSize).toBe(8);
    expect(config.routePrefix).toBe('v1');
    expect(config.functionTimeoutMs).toBe(Infinity);
  });
});

test.each([
  ['00:00:30', 30_000],
  ['01:02:03', 3_723_000],
  ['1.00:00:00', 86_400_000],
  ['00:00:00.250', 250],
  ['00:05', 300_000],
])('the time span %s has %i ms', (text, ms) => {
  expect(parseTimeSpanMs(text, 'test')).toBe(ms);
});

test.each([
  ['aGk=', 'hi'],
  [' aG\nk= ', 'hi'],
  ['abcd', Buffer.from('abcd', 'base64').toString()], // raw text that happens to be base64
  ['', ''],
  ['{"a":1}', undefined],
  ['aGk', undefined],
])('the message text %j decodes to %j', (text, expected) => {
  expect(decodeBackupMessage(text, 'base64')?.toString('utf8')).toBe(expected);
});

test.each([
  [{ string: 'text' }, ['text']],
  [{ string: '{"a":[]}' }, ['{\n  "a": []\n}']],
  [{ string: '[1,"b",null]' }, ['1', 'b', '']],
  [{ string: '[not json' }, ['[not json']],
  [{ string: '' }, ['']],
  [{ json: '[[1]]' }, ['[\n  1\n]']],
  [{ int: 5 }, ['5']],
  [{ double: 1.5 }, ['1.5']],
  [{ bytes: new Uint8Array([104, 105]) }, ['hi']],
  [undefined, []],
])('the output %j becomes the messages %j', (data, expected) => {
  expect(messageBodies(data).map((body) => body.toString('utf8'))).toEqual(expected);
});

test('back-off doubles from 100 ms to the maximum, with a fifth of chance, and starts anew after work', () => {
  const middle = createBackoff(100, 1_000, () => 0.5);
  expect([1, 2, 3, 4, 5, 6].map(() => middle.next())).toEqual([100, 200, 300, 500, 900, 1_000]);
  middle.reset();
  expect(middle.next()).toBe(100);
  const low = createBackoff(100, 60_000, () => 0);
  low.next();
  expect(low.next()).toBe(180);
});
