/** POST and GET /api/restores before any use case: what is wrong is said with its path, and nothing is done. */
import { HttpRequest } from '@azure/functions';
import { afterEach, describe, expect, test } from 'vitest';
import { callerOf, demandRole } from '../../../functions/http/principal.ts';
import { invocation, load, unload } from './functionApp.ts';

afterEach(unload);

const importMain = () => import('../../../functions/main.ts');
const claimsHeader = (...claims: [string, string][]) =>
  Buffer.from(JSON.stringify({ claims: claims.map(([typ, val]) => ({ typ, val })) })).toString('base64');
const operator = claimsHeader(['roles', 'Restore.Execute']);
const good = {
  vault: 'contoso',
  objects: ['**'],
  target: 'contoso-dr',
  reason: 'INC-4711 accidental purge',
};

interface Sent {
  readonly body?: string;
  readonly id?: string;
  readonly headers?: Record<string, string>;
}
async function call(name: string, { body, id = '', headers = {} }: Sent, settings = {}) {
  const { registered } = await load(importMain, settings);
  const route = registered.find((each) => each.name === name);
  if (!route) throw new Error(`${name} is not registered`);
  const request = new HttpRequest({
    method: body === undefined ? 'GET' : 'POST',
    url: 'https://app/api/restores',
    params: { id },
    headers: { 'x-ms-client-principal': operator, ...headers },
    ...(body === undefined ? {} : { body: { string: body } }),
  });
  const { context, logged } = invocation();
  const answer = (await route.options.handler(request, context)) as { status: number; body: string };
  return { status: answer.status, logged, problem: JSON.parse(answer.body) as Record<string, unknown> };
}
const post = (fields: object, headers: Record<string, string> = {}) =>
  call('postRestores', { body: JSON.stringify({ ...good, ...fields }), headers });

describe('POST', () => {
  test.each<[string, object, RegExp]>([
    ['vault', { vault: '../x' }, /^vault: write the name of a vault$/],
    ['at', { at: 'yesterday' }, /^at: write an instant such as/],
    ['recoveryPoint', { recoveryPoint: 'latest' }, /^recoveryPoint: write a run id/],
    ['objects', { objects: [] }, /^objects: name at least one object/],
    ['objects.1', { objects: ['**', 7] }, /^objects\.1: /],
    ['target', { target: '' }, /^target: write the name of a vault$/],
    ['onConflict', { onConflict: 'overwrite' }, /^onConflict: write one of fail, skip, replace$/],
    ['reason', { reason: '' }, /^reason: say why, for the audit record$/],
    ['dryRun', { dryRun: 'yes' }, /^dryRun: /],
    ['allowPartial', { allowPartial: 'yes' }, /^allowPartial: /],
    ['an unknown field', { dryrun: true }, /^dryrun: unknown field$/],
  ])('%s that is wrong is 400 with its path', async (_field, fields, detail) => {
    const { status, problem, logged } = await post(fields);
    expect([status, problem['detail']]).toEqual([400, expect.stringMatching(detail)]);
    expect(logged).toEqual([]);
  });

  test('all that is wrong is said at once', async () => {
    const { problem } = await post({ vault: '', reason: '', objects: [] });
    expect(problem['problems']).toHaveLength(3);
  });

  test('a body over 1 MiB is 413', async () => {
    const { status, problem } = await post({ reason: 'x'.repeat(1024 * 1024) });
    expect([status, problem['code']]).toEqual([413, 'tooLarge']);
  });

  test.each([
    ['a target that is not listed', { target: 'spare' }],
    ['the source itself', { target: 'contoso' }],
    ['a source without targets', { vault: 'fabrikam' }],
  ])('%s is 403, with the setting to change', async (_what, fields) => {
    const { status, problem } = await post(fields);
    expect([status, problem['detail']]).toEqual([
      403,
      expect.stringMatching(/^target: .* may not be restored into/),
    ]);
    expect(problem['hint']).toContain('RESTORE_TARGETS');
  });

  test.each(['short', 'x'.repeat(201)])('an Idempotency-Key of %j is 400', async (key) => {
    const { status, problem } = await post({}, { 'idempotency-key': key });
    expect([status, problem['detail']]).toEqual([400, 'Idempotency-Key: write 8 to 200 characters']);
  });

  test('a principal that anybody could write is refused where the platform’s sign-in is off', async () => {
    const sent = { body: JSON.stringify(good) };
    const { status } = await call('postRestores', sent, { WEBSITE_AUTH_ENABLED: 'false' });
    expect(status).toBe(401);
  });
});

test.each(['../../vaults', 'a b', '', 'x'.repeat(65)])('GET of the id %j is 400', async (id) => {
  const { status, problem } = await call('getRestore', { id });
  expect([status, problem['detail']]).toEqual([400, 'id: that is no restore id']);
});

describe('the caller, for the audit record', () => {
  const request = (headers: Record<string, string>) =>
    new HttpRequest({ method: 'POST', url: 'https://app/api/restores', headers });
  const entra = { apiAuth: 'entra', platformAuthEnabled: true } as const;
  const long = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

  test.each<[string, [string, string][], { name: string; id: string | null }]>([
    [
      'a person',
      [
        ['preferred_username', 'ada@x'],
        ['oid', 'o-1'],
      ],
      { name: 'ada@x', id: 'o-1' },
    ],
    [
      'long claim types',
      [
        ['upn', 'ada@x'],
        [long, 'o-1'],
      ],
      { name: 'ada@x', id: 'o-1' },
    ],
    [
      'an app',
      [
        ['appid', 'a-1'],
        ['oid', 'o-2'],
      ],
      { name: 'a-1', id: 'o-2' },
    ],
    ['nobody in particular', [['roles', 'Restore.Execute']], { name: 'unknown', id: null }],
  ])('%s', (_what, claims, expected) => {
    const headers = {
      'x-ms-client-principal': claimsHeader(...claims),
      'x-forwarded-for': '192.0.2.7:1, 10.0.0.1',
    };
    expect(callerOf(request(headers), entra)).toEqual({ ...expected, address: '192.0.2.7:1' });
  });

  test.each([
    ['key', true],
    ['key', false],
    ['entra', false],
  ] as const)('with API_AUTH=%s and the platform’s sign-in %s the header is not believed', (apiAuth, on) => {
    const headers = { 'x-ms-client-principal': claimsHeader(['upn', 'mallory@x']) };
    const caller = callerOf(request(headers), { apiAuth, platformAuthEnabled: on });
    expect(caller).toEqual({ name: 'function key', id: null, address: null });
  });

  test('any one of the roles will do, and none is named as all of them', () => {
    const roles = ['Backup.Read', 'Restore.Execute'] as const;
    expect(() => demandRole(roles, request({ 'x-ms-client-principal': operator }), entra)).not.toThrow();
    const other = claimsHeader(['roles', 'Backup.Run']);
    expect(() => demandRole(roles, request({ 'x-ms-client-principal': other }), entra)).toThrow(
      /Backup\.Read or Restore\.Execute/,
    );
  });
});
