/** What the function files register, by role and by kind of sign-in; and what a route does before its handler. */
import { HttpRequest } from '@azure/functions';
import { afterEach, describe, expect, test } from 'vitest';
import { invocation, load, type Registration, unload } from './functionApp.ts';
import { inAll, inBoth, ofBackups, ofPortable, ofRestores } from './parts.ts';

afterEach(unload);

const importMain = () => import('../../../functions/main.ts');
const routesOf = (registered: Registration[]) =>
  Object.fromEntries(
    registered
      .filter(({ kind }) => kind === 'http')
      .map(({ options }) => [
        `${String(options['methods'])} ${String(options['route'])}`,
        options['authLevel'],
      ]),
  );

describe('what is registered', () => {
  test.each([
    ['backup', [ofBackups], inBoth],
    ['restore', [ofRestores], inBoth],
    ['portable', [ofPortable], inAll],
    ['all', [ofBackups, ofRestores, ofPortable], inBoth],
  ])('the role %s has its own and no more', async (role, parts, shared) => {
    const { registered } = await load(importMain, { APP_ROLE: role });
    expect(registered.filter(({ kind }) => kind !== 'http')).toMatchObject(
      parts.flatMap(({ triggers }) => triggers),
    );
    expect(Object.keys(routesOf(registered)).toSorted()).toEqual(
      [...shared, ...parts.flatMap(({ routes }) => routes)].toSorted(),
    );
  });

  test('the restore app starts without a plan, and has all of its own', async () => {
    const { registered } = await load(importMain, { APP_ROLE: 'restore', BACKUP_PLANS: '' });
    expect(registered).toHaveLength(ofRestores.triggers.length + ofRestores.routes.length + inBoth.length);
  });

  test('no timer runs at start-up', async () => {
    const { registered } = await load(importMain);
    expect(registered.filter(({ options }) => 'runOnStartup' in options)).toEqual([]);
  });

  test.each([
    ['key', 'function'],
    ['entra', 'anonymous'],
  ])('with API_AUTH=%s every route but health has the level %s', async (auth, level) => {
    const routes = routesOf((await load(importMain, { API_AUTH: auth })).registered);
    expect(routes['GET health']).toBe('anonymous');
    const { 'GET health': _health, ...others } = routes;
    expect(new Set(Object.values(others))).toEqual(new Set([level]));
  });

  test('settings that are wrong stop the start, all named', async () => {
    await expect(load(importMain, { APP_ROLE: 'boss', BackupStorage: '' })).rejects.toThrow(
      /2 problems:[^]*APP_ROLE[^]*BackupStorage/,
    );
  });

  test('the environment is as it was afterwards', async () => {
    const before = { ...process.env };
    await load(importMain);
    unload();
    expect({ ...process.env }).toEqual(before);
  });
});

describe('a route', () => {
  const principal = (role: string) =>
    Buffer.from(JSON.stringify({ claims: [{ typ: 'roles', val: role }] })).toString('base64');

  async function call(name: string, role: string | null, body?: string, params: Record<string, string> = {}) {
    const { registered } = await load(importMain);
    const route = registered.find((each) => each.name === name);
    if (!route) throw new Error(`${name} is not registered`);
    const request = new HttpRequest({
      method: body === undefined ? 'GET' : 'POST',
      url: 'https://app/api/x',
      params,
      headers: role === null ? {} : { 'x-ms-client-principal': principal(role) },
      ...(body === undefined ? {} : { body: { string: body } }),
    });
    const response = (await route.options.handler(request, invocation().context)) as {
      status: number;
      body: string;
    };
    return { status: response.status, problem: JSON.parse(response.body) as Record<string, unknown> };
  }

  test.each([
    ['postBackups', null, 401],
    ['postBackups', 'Backup.Read', 403],
    ['getBackup', 'Backup.Run', 403],
    ['postVerifications', null, 401],
    ['postVerifications', 'Backup.Read', 403],
    ['getVerification', null, 401],
    ['getVerification', 'Backup.Run', 403],
    ['getVaults', null, 401],
    ['getVaults', 'Restore.Execute', 403],
    ['getRecoveryPoints', 'Backup.Run', 403],
    ['getRecoveryPoint', null, 401],
    ['getRecoveryPointObjects', 'Backup.Run', 403],
    ['postRestores', null, 401],
    ['postRestores', 'Backup.Run', 403],
    ['postRestores', 'Backup.Read', 403],
    ['getRestores', null, 401],
    ['getRestores', 'Backup.Run', 403],
    ['getRestore', null, 401],
    ['getRestore', 'Backup.Run', 403],
    ['postMoves', null, 401],
    ['postMoves', 'Backup.Run', 403],
    ['postMoves', 'Backup.Read', 403],
    ['getMoves', null, 401],
    ['getMoves', 'Backup.Run', 403],
    ['getMove', 'Backup.Run', 403],
    ['postMoveSteps', 'Backup.Read', 403],
    ['postMoveReport', 'Backup.Read', 403],
    ['getOpenApi', null, 401],
    ['getOpenApi', 'Backup.Reader', 403],
  ])('%s called with the role %s answers %i before anything else', async (name, role, status) => {
    expect((await call(name, role, name.startsWith('post') ? '{' : undefined)).status).toBe(status);
  });

  test.each([
    ['getRecoveryPoints', 'Backup.Read'],
    ['getRecoveryPoints', 'Restore.Execute'],
    ['getRecoveryPoint', 'Restore.Execute'],
    ['getRecoveryPointObjects', 'Restore.Execute'],
    ['getRestore', 'Backup.Read'],
    ['getRestore', 'Restore.Execute'],
    ['getVerification', 'Backup.Read'],
  ])('%s lets %s in, and then says what is wrong with the name', async (name, role) => {
    const wrong = { vault: '../x', id: '../x' };
    const { status, problem } = await call(name, role, undefined, wrong);
    expect([status, problem['code']]).toEqual([400, 'badRequest']);
  });

  test.each([
    ['no JSON', '{', 400, /not JSON/],
    ['an unknown field', '{"plan":"payments","now":true}', 400, /now: unknown field/],
    ['neither plan nor vault', '{}', 400, /either a plan or a vault/],
    ['both plan and vault', '{"plan":"payments","vault":"contoso"}', 400, /either a plan or a vault/],
    ['a wrong type', '{"plan":"payments","full":"yes"}', 400, /full: /],
    ['an unknown plan', '{"plan":"salaries"}', 404, /there is no plan "salaries"/],
    ['an unknown vault', '{"vault":"salaries"}', 404, /no plan has a vault "salaries"/],
    ['more than 1 MiB', `"${'x'.repeat(1024 * 1024)}"`, 413, /larger than 1 MiB/],
  ])('POST backups with %s is refused, with what is wrong', async (_what, body, status, said) => {
    const { status: answered, problem } = await call('postBackups', 'Backup.Run', body);
    expect([answered, problem['detail']]).toEqual([status, expect.stringMatching(said)]);
    expect(problem['hint']).toEqual(expect.stringMatching(/./));
  });

  test.each([
    ['no vault', '{}', /^vault: write the name of a vault$/],
    ['a vault that is no name', '{"vault":"../x"}', /^vault: write the name of a vault$/],
    ['no run id', '{"vault":"contoso","recoveryPoint":"newest"}', /^recoveryPoint: write a run id/],
    ['an unknown field', '{"vault":"contoso","whole":true}', /^whole: unknown field$/],
  ])('POST verifications with %s is refused by its field', async (_what, body, said) => {
    const { status, problem } = await call('postVerifications', 'Backup.Run', body);
    expect([status, problem['code'], problem['detail']]).toEqual([
      400,
      'badRequest',
      expect.stringMatching(said),
    ]);
  });

  test('getBackup of an unknown vault names the known ones', async () => {
    const { status, problem } = await call('getBackup', 'Backup.Read', undefined, { vault: '../x' });
    expect([status, problem['hint']]).toEqual([404, 'The vaults of this app are: contoso, fabrikam.']);
  });

  test.each(['getRecoveryPoints', 'getRecoveryPoint', 'getRecoveryPointObjects'])(
    '%s takes any well-formed vault, so only one that is none is refused',
    async (name) => {
      const { status, problem } = await call(name, 'Backup.Read', undefined, { vault: '../x' });
      expect([status, problem['detail']]).toEqual([400, 'vault: "../x" is no vault name']);
    },
  );
});
