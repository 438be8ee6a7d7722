/** The contract of `@azure/functions-core`, seen by the real `@azure/functions` library inside a worker. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalHost } from './host.ts';
import { countLines, eventually, start, stopHosts } from './testTools.ts';

let host: LocalHost;
beforeAll(async () => {
  host = await start('hooks');
});
afterAll(stopHosts);

const get = async (name: string): Promise<unknown> => (await fetch(`${host.url}/api/${name}`)).json();

test('hooks run in order, one after another, and share their data', async () => {
  await get('contract');
  const events = (await get('events')) as string[];
  expect(events.slice(0, 2)).toEqual(['appStart', 'in true {"fromStart":"kept"}']);
  const contract = events.indexOf('pre1 contract {}');
  expect(events[contract + 1]).toBe('pre2 1');
  expect(events[contract + 2]).toMatch(/^post 1 result=\{"jsonBody".*error=undefined$/);
});

test('hooks may change inputs, function, result and error', async () => {
  expect(await get('changed')).toEqual({ wrapped: { saw: { replaced: 'input' } } });
  const forgiven = await fetch(`${host.url}/api/forgiven`);
  expect(forgiven.status).toBe(200);
  expect(await forgiven.text()).toBe('forgiven');
});

test('log hooks may change user lines, and a broken one breaks nothing', async () => {
  const { invocationId } = (await get('logs')) as { invocationId: string };
  const line = await eventually('the line', () =>
    host.logs.find(({ message }) => message === 'hide the ***'),
  );
  expect(line).toMatchObject({
    level: 'information',
    functionName: 'logs',
    invocationId,
    category: 'Function.logs.User',
  });
  expect(host.logs.find(({ message }) => message === 'break the hook')?.level).toBe('warning');
  expect(countLines(host, 'hide the secret')).toBe(0);
  await eventually('the console', () => countLines(host, 'to the console') === 1);
});

test('every invocation has its own GUID and trace parent', async () => {
  const [one, two] = [await get('logs'), await get('logs')] as {
    invocationId: string;
    traceParent: string;
  }[];
  expect(one?.invocationId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(one?.invocationId).not.toBe(two?.invocationId);
  expect(one?.traceParent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test('a log after the end is warned of, one in a post hook is not', async () => {
  await get('logs');
  const warnings = () => countLines(host, "Unexpected call to 'log' on the context object");
  expect(countLines(host, 'from the post hook')).toBeGreaterThan(0);
  expect(warnings()).toBe(0);
  await fetch(`${host.url}/api/lateLog`);
  await eventually('the warning', () => warnings() === 1);
});

test('registration and setup are locked after start, and unknown hooks are refused as the library expects', async () => {
  expect(await get('contract')).toEqual({
    version: '3.14.1',
    hostVersion: '4.1052.200',
    model: '@azure/functions',
    disposable: 'function',
    lateRegistration: 'Error: A function can only be registered during app startup. system=true',
    lateSetup: expect.stringContaining("can't be changed after app startup"),
    unknownHook: 'RangeError: Unrecognized hook "nosuch" system=true',
  });
});

test('appTerminate hooks run at a polite stop', async () => {
  const other = await start('hooks');
  await other.stop();
  await eventually('the line', () => countLines(other, 'appTerminate') > 0);
  expect(countLines(other, 'appTerminate kept')).toBe(1);
});
