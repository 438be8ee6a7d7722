/** What is installed: the bundle alone, without packages, in a process of its own; and signing in with Entra ID. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { bundleCli } from '../../../scripts/build.mjs';
import { appVersion } from '../../../shared/version.ts';
import { scriptedApp } from './scriptedApp.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kvb-'));
const program = path.join(folder, path.basename(packageJson.bin.kvb));

beforeAll(async () => {
  for (const [name, bytes] of Object.entries(await bundleCli()))
    writeFileSync(path.join(folder, name), bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function kvbAlone(words: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    // Windows opens no socket without it.
    env: { SystemRoot: process.env['SystemRoot'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => void child.once('close', resolve)),
  ]);
  return { exitCode, out, err };
}

test('it starts with nothing beside it, and is a program for npx', async () => {
  expect(await kvbAlone(['--version'])).toEqual({ exitCode: 0, out: `${appVersion}\n`, err: '' });
  expect(await kvbAlone(['statsu'])).toMatchObject({ exitCode: 2, out: '' });
  expect(readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(packageJson.files).toEqual([path.posix.dirname(packageJson.bin.kvb)]);
});

test('completion knows commands, options and choices', async () => {
  expect((await kvbAlone(['complete', '--', 're'])).out).toMatch(/^restore\t/m);
  expect((await kvbAlone(['complete', '--', 'restore', '--on-conflict', ''])).out).toMatch(
    /^fail\s+skip\s+replace\s/,
  );
  expect((await kvbAlone(['complete', 'zsh'])).out).toMatch(/^#compdef kvb/);
});

test('it signs in as DefaultAzureCredential finds, for the app’s own registration', async () => {
  const identity = await scriptedApp({
    body: { access_token: 'the-token', expires_on: '4102444800', resource: 'x', token_type: 'Bearer' },
  });
  const app = await scriptedApp({ body: { recoveryPoints: [] } });
  const said = await kvbAlone(['points', 'contoso', '--app-id', '11111111-2222-3333-4444-555555555555'], {
    KVB_BACKUP_URL: app.url,
    IDENTITY_ENDPOINT: `${identity.url}/token`,
    IDENTITY_HEADER: 'secret',
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
  });
  expect(said).toMatchObject({ exitCode: 0, err: '' });
  const asked = new URL(identity.asked.at(-1)?.url ?? '', identity.url);
  expect(asked.searchParams.get('resource')).toBe('api://11111111-2222-3333-4444-555555555555');
  expect(app.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer the-token']);
});

test('who is not signed in is told what was tried', async () => {
  const said = await kvbAlone(['points', 'contoso', '--app-id', 'an-id'], {
    KVB_BACKUP_URL: 'http://127.0.0.1:9',
    AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
  });
  expect(said).toMatchObject({
    exitCode: 4,
    err: expect.stringMatching(
      /^error: no token for api:\/\/an-id\/\.default:\n {2}- EnvironmentCredential [^]*az login/,
    ),
  });
});
