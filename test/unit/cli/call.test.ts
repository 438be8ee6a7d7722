/** One call: what is sent, to whom, and what each refusal becomes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { kvb } from '../../e2e/kvb.ts';
import { type ScriptedAnswer, scriptedApp } from './scriptedApp.ts';

const points = { body: { recoveryPoints: [] } };
const problem = (status: number, code: string) => ({
  status,
  body: { type: 'about:blank', title: 'Title', status, code, detail: 'what happened', hint: 'What to do.' },
});

async function ask(answer: ScriptedAnswer, env: Record<string, string> = {}, ...words: string[]) {
  const app = await scriptedApp(answer);
  const said = await kvb(['points', 'contoso', ...words], { env: { KVB_BACKUP_URL: app.url, ...env } });
  return { ...said, asked: app.asked };
}

test('the key goes in its header, and each app gets its own', async () => {
  const keys = { KVB_KEY: 'one', KVB_RESTORE_KEY: 'two' };
  const { asked } = await ask(points, keys);
  expect(asked.map(({ url, headers }) => [url, headers['x-functions-key']])).toEqual([
    ['/api/vaults/contoso/recovery-points', 'one'],
  ]);
  const restore = await scriptedApp(points);
  await kvb(['points', 'contoso'], { env: { KVB_RESTORE_URL: `${restore.url}/api/`, ...keys } });
  expect(restore.asked[0]?.headers['x-functions-key']).toBe('two');
});

test('a key file is read, and a key that no header can carry is refused unseen', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kvb-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'key'), 'from-a-file\n');
  const { asked } = await ask(points, {}, '--key-file', path.join(folder, 'key'));
  expect(asked[0]?.headers['x-functions-key']).toBe('from-a-file');
  const { exitCode, err } = await ask(points, { KVB_KEY: 'two\nlines' });
  expect([exitCode, err]).toEqual([2, expect.not.stringContaining('lines')]);
});

test('no key goes where the app redirects to', async () => {
  const elsewhere = await scriptedApp(points);
  const { exitCode } = await ask({ status: 302, headers: { location: elsewhere.url } }, { KVB_KEY: 'one' });
  expect([exitCode, elsewhere.asked]).toEqual([4, []]);
});

test.each([
  [400, 'badRequest', 2],
  [401, 'unauthorized', 4],
  [403, 'forbidden', 4],
  [404, 'notFound', 2],
  [409, 'busy', 1],
  [500, 'internal', 1],
  [503, 'unreachable', 3],
])('a problem of status %i (%s) ends with %i, in the app’s words', async (status, code, exitCode) => {
  expect(await ask(problem(status, code))).toMatchObject({
    exitCode,
    out: '',
    err: 'error: what happened\n  What to do.\n',
  });
});

test.each([
  [401, 4, 'client id|app id'],
  [404, 2, 'nothing there has this route'],
  [502, 3, 'Try again'],
])('what the platform answers (%i, a page) ends with %i', async (status, exitCode, said) => {
  const failed = await ask({ status, body: '<html>' });
  expect(failed).toMatchObject({ exitCode, err: expect.stringMatching(said) });
  expect(failed.err).not.toContain('<html>');
});

test('an app that does not answer in time is given up', async () => {
  const { exitCode, err } = await ask({ hangs: true }, {}, '--timeout', '1');
  expect([exitCode, err]).toEqual([
    3,
    expect.stringMatching(/did not answer within 1 s \(http:\S+\)\n {2}An app that slept may take a minute/),
  ]);
});

test('an answer that is none of this interface is not believed', async () => {
  expect(await ask({ body: { points: [] } })).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('does not understand (recoveryPoints: '),
  });
});

test('nothing in an answer steers the terminal', async () => {
  const evil = { runId: 'x\u001b[2J\u202e', status: 'complete', sealedAt: '2026-11-22T02:00:00Z' };
  const { out } = await ask({ body: { recoveryPoints: [evil] } });
  expect(out).toContain('x�[2J�');
});

test('without sign-in only this machine is called', async () => {
  expect(await kvb(['points', 'contoso', '--backup-url', 'https://app.example'])).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('nothing says how to sign in to the backup app\n  Set KVB_APP_ID'),
  });
});
