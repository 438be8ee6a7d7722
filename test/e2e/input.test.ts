/** Bad input from every side: each gets a clear answer, nothing is half-written, and the next run is unaffected. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type E2e, startE2e, waitFor } from './harness.ts';
import { problemsOf } from './reader.ts';

let e2e: E2e;
const vault = 'input';

beforeAll(async () => {
  e2e = await startE2e({ vaults: { [vault]: {} }, env: { MESSAGE_LEASE_SECONDS: '3' } });
  e2e.stack.emulator.control.seed.many(vault, 3, (i) => `object-${i}`);
});
afterAll(() => e2e?.stop());

describe('HTTP', () => {
  test.each([
    ['not JSON', '{', 400, 'badRequest', /not JSON/],
    ['an unknown field', { vault, fulll: true }, 400, 'badRequest', /fulll: unknown field/],
    ['neither plan nor vault', {}, 400, 'badRequest', /either a plan or a vault/],
    ['both plan and vault', { plan: vault, vault }, 400, 'badRequest', /either a plan or a vault/],
    ['a wrong type', { vault, full: 'yes' }, 400, 'badRequest', /full: /],
    ['an unknown vault', { vault: 'nobody' }, 404, 'notFound', /no plan has a vault "nobody"/],
    ['an unknown plan', { plan: 'nobody' }, 404, 'notFound', /no plan "nobody"/],
  ])('POST /api/backups with %s', async (_title, body, status, code, detail) => {
    const answer = await e2e.call('POST', 'backups', body);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer).toMatchObject({
      status,
      body: { status, code, detail: expect.stringMatching(detail), hint: expect.stringMatching(/./) },
    });
  });

  test.each([
    ['vaults/nobody/recovery-points', /no plan has a vault "nobody"/],
    [`vaults/${vault}/recovery-points/yesterday`, /no recovery point "yesterday"/],
    [`vaults/${vault}/recovery-points/20200101T000000Z/objects`, /no recovery point/],
    [`backups/${vault}/20200101T000000Z`, /has no run/],
    ['backups/nobody/20200101T000000Z', /no plan has a vault/],
  ])('GET /api/%s is a 404 that says what there is', async (route, detail) => {
    expect(await e2e.call('GET', route)).toMatchObject({
      status: 404,
      body: { code: 'notFound', detail: expect.stringMatching(detail), hint: expect.stringMatching(/./) },
    });
  });

  test('nothing of this wrote anything', async () => {
    const state = await Array.fromAsync(e2e.stack.container('state').listBlobsFlat());
    const backups = await Array.fromAsync(e2e.stack.container('backups').listBlobsFlat());
    expect([...state, ...backups]).toEqual([]);
  });
});

describe('sign-in', () => {
  const principal = (...roles: string[]) =>
    Buffer.from(JSON.stringify({ claims: roles.map((val) => ({ typ: 'roles', val })) })).toString('base64');
  let entra: string;
  let unprotected: string;

  beforeAll(async () => {
    entra = (await e2e.stack.startHost({ env: { API_AUTH: 'entra', WEBSITE_AUTH_ENABLED: 'True' } })).url;
    unprotected = (await e2e.stack.startHost({ env: { API_AUTH: 'entra' } })).url;
  });
  const status = async (host: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${host}/api/vaults`, { headers });
    return [answer.status, ((await answer.json()) as { code?: string }).code];
  };

  test('a caller without a principal is not signed in', async () =>
    expect(await status(entra)).toEqual([401, 'unauthorized']));
  test('one without the role is told which', async () =>
    expect(await status(entra, { 'x-ms-client-principal': principal('Backup.Run') })).toEqual([
      403,
      'forbidden',
    ]));
  test('one with the role may', async () =>
    expect(await status(entra, { 'x-ms-client-principal': principal('Backup.Read') })).toEqual([
      200,
      undefined,
    ]));
  test('a header that anybody could have written does not count', async () =>
    expect(await status(unprotected, { 'x-ms-client-principal': principal('Backup.Read') })).toEqual([
      401,
      'unauthorized',
    ]));
  test('health asks for nothing', async () => expect((await fetch(`${entra}/api/health`)).status).toBe(200));
});

describe('queue', () => {
  const poisonCount = async () =>
    (await e2e.stack.queue('backup-jobs-0-poison').getProperties()).approximateMessagesCount ?? 0;
  const send = (text: string) => e2e.stack.queue('backup-jobs-0').sendMessage(text);
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  test('text that is not even base64 goes to the poison queue and no function sees it', async () => {
    await send('{"not":"base64"}');
    // It stays there: the poison function cannot decode it either. The watch counts what lies in the poison queues.
    await waitFor(async () => (await poisonCount()) === 1);
    expect(e2e.events('message.invalid')).toEqual([]);
  });

  test.each([
    ['not JSON', 'hello'],
    ['another shape', '{"v":1,"job":{"type":"deleteEverything"}}'],
    [
      'a newer version',
      '{"v":2,"job":{"type":"advanceRun","vault":"input","runId":"20261122T020000Z"},"notAfter":null,"attempt":0}',
    ],
    [
      'a path for a name',
      JSON.stringify({
        v: 1,
        job: { type: 'advanceRun', vault: '../x', runId: '20261122T020000Z' },
        notAfter: null,
        attempt: 0,
      }),
    ],
  ])('%s is recorded and ends in the poison queue, and the worker lives', async (_title, text) => {
    const before = e2e.events('message.dropped').length;
    const pids = e2e.stack.host.workerPids();
    await send(base64(text));
    await waitFor(async () => e2e.events('message.dropped').length > before);
    expect(e2e.events('message.invalid').at(-1)).toMatchObject({
      queue: 'backup-jobs-0',
      problems: expect.stringMatching(/./),
    });
    expect(e2e.stack.host.workerPids()).toEqual(pids);
  });

  test('a job for a vault that no plan has is recorded as failed, and harms nobody', async () => {
    const job = {
      type: 'backUpObject',
      vault: 'gone-vault',
      runId: '20261122T020000Z',
      pass: 1,
      kind: 'secret',
      name: 'x',
      created: 1,
      updated: 1,
      startedAt: new Date().toISOString(),
    };
    await send(base64(JSON.stringify({ v: 1, job, notAfter: null, attempt: 0 })));
    const failed = () => e2e.events('object.failed').find((event) => event['vault'] === 'gone-vault');
    await waitFor(async () => failed());
    expect(failed()).toMatchObject({
      code: 'invalid',
      reason: expect.stringContaining('no plan has the vault'),
    });
  });

  test('after all of it, a run is complete', async () => {
    await e2e.fire(vault);
    expect(await e2e.waitForPoint(vault)).toMatchObject({ status: 'complete', counts: { stored: 3 } });
    expect(await problemsOf(e2e.stack.container('backups'), vault)).toEqual([]);
  });
});

describe('settings', () => {
  test('all problems are told at once, before any function registers', async () => {
    const plans = [{ name: 'p', schedule: 'daily', vaults: ['one-vault', 'one-vault'], retention: 3 }];
    await expect(
      e2e.stack.startHost({ env: { BACKUP_PLANS: JSON.stringify(plans), RETENTION_DAYS: 'ninety' } }),
    ).rejects.toThrow(/RETENTION_DAYS[\s\S]*justification[\s\S]*retention[\s\S]*schedule[\s\S]*one-vault/);
  });
});
