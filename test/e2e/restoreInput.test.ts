/** Bad restore requests: each wrong field is named with what is allowed, and nothing is begun. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { E2e } from './harness.ts';
import { backUpNow, source, startRestoreE2e } from './restoreHarness.ts';

let e2e: E2e;
const good = { vault: source, objects: ['**'], target: 'standby', reason: 'a good request' };

beforeAll(async () => {
  e2e = await startRestoreE2e({ standby: {} });
  const { seed } = e2e.stack.emulator.control;
  seed.secret(source, { name: 'db-password', value: 'x' });
  await seed.certificate(source, { name: 'www' });
  await backUpNow(e2e);
  const fault = e2e.stack.emulator.control.addFault({
    vault: source,
    operation: 'secrets.backup',
    kind: { status: 403, code: 'Forbidden', innererror: 'ForbiddenByRbac' },
  });
  await backUpNow(e2e, { full: true });
  e2e.stack.emulator.control.removeFault(fault);
});
afterAll(() => e2e?.stop());

describe('POST /api/restores', () => {
  test.each([
    ['not JSON', '{', 400, /not JSON/],
    ['no objects', { ...good, objects: [] }, 400, /objects: name at least one/],
    ['objects that are no list', { ...good, objects: 'db' }, 400, /objects: /],
    ['an unknown field', { ...good, vaultt: 'x' }, 400, /vaultt: unknown field/],
    ['no reason', { ...good, reason: undefined }, 400, /reason: say why/],
    ['a blank reason', { ...good, reason: '     ' }, 400, /reason: say why/],
    [
      'an unknown policy',
      { ...good, onConflict: 'overwrite' },
      400,
      /onConflict: write one of fail, skip, replace/,
    ],
    ['a wrong instant', { ...good, at: 'yesterday' }, 400, /at: write an instant/],
    [
      'a moment and a point',
      { ...good, at: '2026-01-01T00:00:00Z', recoveryPoint: '20260101T000000Z' },
      400,
      /either at or recoveryPoint/,
    ],
    ['a wrong run id', { ...good, recoveryPoint: 'latest' }, 400, /recoveryPoint: write a run id/],
    ['a path for a vault', { ...good, vault: '../audit' }, 400, /vault: write the name/],
    ['a pattern that is none', { ...good, objects: ['things/x'] }, 400, /"things\/x" is no pattern/],
    [
      'a pattern that matches nothing',
      { ...good, objects: ['secrets/db-*', 'keys/nothing*'] },
      400,
      /"keys\/nothing\*" matches nothing/,
    ],
    ['a certificate’s own key', { ...good, objects: ['keys/www'] }, 400, /ask for certificates\/www/],
    ['a target that is not allowed', { ...good, target: source }, 403, /may not be restored into source/],
    ['an unknown vault', { ...good, vault: 'nobody' }, 403, /nobody may not be restored into standby/],
    [
      'a moment before all points',
      { ...good, at: '2020-01-01T00:00:00Z' },
      404,
      /no fitting recovery point sealed at or before/,
    ],
    [
      'a point that is not there',
      { ...good, recoveryPoint: '20200101T000000Z' },
      404,
      /has no recovery point/,
    ],
  ])('with %s', async (_title, body, status, detail) => {
    const answer = await e2e.callRestore('POST', 'restores', body);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer).toMatchObject({
      status,
      body: { detail: expect.stringMatching(detail), hint: expect.stringMatching(/./) },
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/ at .*\.(ts|cjs):\d/);
  });

  test('with a body over 1 MiB', async () => {
    const answer = await e2e.callRestore('POST', 'restores', { ...good, reason: 'x'.repeat(1024 * 1024) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'tooLarge' } });
  });

  test('nothing of this was begun', async () => {
    expect((await e2e.callRestore('GET', 'restores')).body['restores']).toEqual([]);
    expect(e2e.stack.emulator.control.writes('standby')).toBe(0);
  });

  test('a partial point only on purpose, and then with what it lacks', async () => {
    const [partial] = (await e2e.points(source))
      .slice(-1)
      .map((name) => name.split('/').at(-1)?.slice(0, -5));
    const refused = await e2e.callRestore('POST', 'restores', { ...good, recoveryPoint: partial });
    expect(refused).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('is partial'), hint: expect.stringContaining('allowPartial') },
    });
    expect((await e2e.restore({ ...good, dryRun: true })).recoveryPoint).not.toBe(partial);
    const accepted = await e2e.callRestore('POST', 'restores', {
      ...good,
      dryRun: true,
      recoveryPoint: partial,
      allowPartial: true,
    });
    expect(accepted).toMatchObject({
      status: 202,
      body: {
        recoveryPointStatus: 'partial',
        lacks: [expect.stringMatching(/^secrets\/db-password: forbidden/)],
      },
    });
  });
});

describe('GET /api/restores/{id}', () => {
  test.each([
    ['20260101T000000Z-abcdef', 404],
    ['..%2fvaults', 400],
  ])('%s is %i', async (id, status) => {
    expect(await e2e.callRestore('GET', `restores/${id}`)).toMatchObject({
      status,
      body: { hint: expect.stringMatching(/./) },
    });
  });
});

describe('sign-in', () => {
  const principal = (...roles: string[]) =>
    Buffer.from(
      JSON.stringify({
        claims: [
          ...roles.map((val) => ({ typ: 'roles', val })),
          { typ: 'preferred_username', val: 'op@contoso.com' },
        ],
      }),
    ).toString('base64');
  const ask = async (host: string, headers: Record<string, string>) => {
    const answer = await fetch(`${host}/api/restores`, {
      method: 'POST',
      body: JSON.stringify({ ...good, dryRun: true }),
      headers,
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const restoreEnv = () => ({ ...e2e.stack.restoreEnv, API_AUTH: 'entra' });

  test('needs the role Restore.Execute from the platform; a header that anybody could have written is refused', async () => {
    const { url } = await e2e.stack.startHost({ env: { ...restoreEnv(), WEBSITE_AUTH_ENABLED: 'True' } });
    expect(await ask(url, {})).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(await ask(url, { 'x-ms-client-principal': principal('Backup.Run', 'Backup.Read') })).toMatchObject(
      { status: 403, body: { hint: expect.stringContaining('Restore.Execute') } },
    );
    const accepted = await ask(url, {
      'x-ms-client-principal': principal('Restore.Execute'),
      'x-forwarded-for': '192.0.2.7:4711',
    });
    expect(accepted.status).toBe(202);
    const detail = await fetch(`${url}/api/restores/${String(accepted.body['id'])}`, {
      headers: { 'x-ms-client-principal': principal('Restore.Execute') },
    });
    expect(await detail.json()).toMatchObject({
      requestedBy: { name: 'op@contoso.com', address: '192.0.2.7:4711' },
    });

    const unprotected = await e2e.stack.startHost({ env: restoreEnv() });
    expect(
      await ask(unprotected.url, { 'x-ms-client-principal': principal('Restore.Execute') }),
    ).toMatchObject({ status: 401, body: { hint: expect.stringContaining('Easy Auth') } });
  });
});
