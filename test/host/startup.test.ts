/** What an app must be to start, and the clear reason when it is not. */
import { afterEach, describe, expect, test } from 'vitest';
import { startHost } from './host.ts';
import { removeApps, writeApp } from './tempApp.ts';

afterEach(removeApps);

const FUNCTIONS = "const { app, input, output } = require('@azure/functions');\n";
const PING = `${FUNCTIONS}app.http('ping', { handler: () => ({ body: 'pong' }) });\n`;
const TIMER = (schedule: string) =>
  `${FUNCTIONS}app.timer('tick', { schedule: '${schedule}', handler: () => {} });\n`;
const QUEUE = (options: string) =>
  `${FUNCTIONS}app.storageQueue('work', { ${options}, handler: () => {} });\n`;

async function failure(files: Record<string, string>, env: Record<string, string> = {}): Promise<string> {
  const outcome = await startHost({ appDir: writeApp(files), env }).then(
    async (host) => {
      await host.stop();
      return 'it started';
    },
    (error: Error) => error.message,
  );
  return outcome;
}

describe('the host refuses to start', () => {
  test.each<[string, Record<string, string>, string]>([
    ['an entry file that throws', { 'app.cjs': `${PING}throw new Error('at load');` }, 'Error: at load'],
    [
      'an entry file that throws later',
      { 'app.cjs': `${PING}Promise.reject(new Error('soon'));` },
      'Error: soon',
    ],
    ['a main that matches nothing', { 'package.json': '{"main":"dist/*.js"}' }, 'Found zero files matching'],
    ['no main', { 'package.json': '{}', 'app.cjs': PING }, 'has no "main"'],
    ['no function', { 'app.cjs': '' }, 'No function was registered'],
    [
      'two functions of one name',
      { 'app.cjs': PING + PING.replace(FUNCTIONS, '') },
      'has already been registered',
    ],
    [
      'a failing appStart hook',
      { 'app.cjs': `${PING}app.hook.appStart(() => { throw new Error('hook'); });` },
      'hook',
    ],
    ['HTTP streaming', { 'app.cjs': `${PING}app.setup({ enableHttpStream: true });` }, 'enableHttpStream'],
    [
      'an unknown setting in a schedule',
      { 'app.cjs': TIMER('%NOT_SET%') },
      "'%NOT_SET%' does not resolve to a value",
    ],
    [
      'an unknown setting in a queue name',
      { 'app.cjs': QUEUE("queueName: '%Q%', connection: 'C'") },
      "'%Q%' does not resolve",
    ],
    ['a bad schedule', { 'app.cjs': TIMER('0 0 25 * * *') }, 'not recognized as a valid NCRONTAB'],
    [
      'no storage connection',
      { 'app.cjs': QUEUE("queueName: 'work', connection: 'C'") },
      'no app setting AzureWebJobsC or C',
    ],
    [
      'an identity-based connection',
      { 'app.cjs': QUEUE("queueName: 'work', connection: 'Id'") },
      'connection strings only',
    ],
    [
      'a bad queue name',
      { 'app.cjs': QUEUE("queueName: 'no_good', connection: 'Conn'") },
      'no valid queue name',
    ],
    [
      'a trigger it does not have',
      { 'app.cjs': `${FUNCTIONS}app.warmup('w', { handler: () => {} });` },
      'no warmupTrigger',
    ],
    [
      'an input it does not have',
      {
        'app.cjs': `${FUNCTIONS}app.http('b', { extraInputs: [input.storageBlob({ path: 'a/b', connection: 'Conn' })], handler: () => {} });`,
      },
      'no blob input binding',
    ],
    [
      'a bad route',
      { 'app.cjs': `${FUNCTIONS}app.http('r', { route: '{id:nosuch}', handler: () => {} });` },
      'unknown constraint',
    ],
    ['a host.json that is no JSON', { 'app.cjs': PING, 'host.json': '{' }, 'host.json cannot be read'],
    [
      'a host.json of another version',
      { 'app.cjs': PING, 'host.json': '{"version":"1.0"}' },
      '"version": "2.0"',
    ],
    [
      'a value out of range',
      { 'app.cjs': PING, 'host.json': '{"version":"2.0","extensions":{"queues":{"batchSize":33}}}' },
      'extensions.queues.batchSize must be a whole number from 1 to 32',
    ],
    [
      'a bad time span',
      { 'app.cjs': PING, 'host.json': '{"version":"2.0","functionTimeout":"soon"}' },
      'functionTimeout',
    ],
  ])('%s', async (_, files, reason) => {
    const env = { Id__accountName: 'somewhere', Conn: 'UseDevelopmentStorage=true' };
    expect(await failure(files, env)).toContain(reason);
  });
});

describe('the host loads', () => {
  const answers = async (files: Record<string, string>): Promise<string[]> => {
    const host = await startHost({ appDir: writeApp(files), env: {} });
    await host.stop();
    return host.functions.map(({ name }) => name);
  };

  test('every file that main matches', async () => {
    const second = PING.replace("'ping'", "'pong'");
    const files = { 'package.json': '{"main":"f/*.cjs"}', 'f/a.cjs': PING, 'f/b.cjs': second };
    expect(await answers(files)).toEqual(['ping', 'pong']);
  });

  test('ES modules, by package type and by extension', async () => {
    const esm = "import { app } from '@azure/functions';\napp.http('ping', { handler: () => ({}) });\n";
    expect(await answers({ 'package.json': '{"main":"a.js","type":"module"}', 'a.js': esm })).toEqual([
      'ping',
    ]);
    expect(await answers({ 'package.json': '{"main":"a.mjs"}', 'a.mjs': esm })).toEqual(['ping']);
  });

  test('local.settings.json under the given settings, in the Development environment', async () => {
    const settings = JSON.stringify({
      IsEncrypted: false,
      Values: { A: 'file', B: 'file', AZURE_FUNCTIONS_ENVIRONMENT: 'Production' },
    });
    const show = `${FUNCTIONS}app.http('env', { handler: () => ({ jsonBody: process.env }) });\n`;
    const appDir = writeApp({ 'app.cjs': show, 'local.settings.json': settings });
    const host = await startHost({
      appDir,
      env: { A: 'given' },
      localSettingsFile: `${appDir}/local.settings.json`,
    });
    const env: unknown = await (await fetch(`${host.url}/api/env`)).json();
    expect(env).toMatchObject({ A: 'given', B: 'file', AZURE_FUNCTIONS_ENVIRONMENT: 'Development' });
    await host.stop();
  });
});
