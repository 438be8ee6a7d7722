/** What commands make of answers that the local stack does not give when asked to. */
import { expect, test } from 'vitest';
import { emptyLine } from '../../../shared/domain/portablePoint.ts';
import { kvb } from '../../e2e/kvb.ts';
import { type ScriptedAnswer, scriptedApp } from './scriptedApp.ts';

async function say(answers: readonly ScriptedAnswer[], ...words: string[]) {
  const { url, asked } = await scriptedApp(...answers);
  return { ...(await kvb(words, { env: { KVB_BACKUP_URL: url } })), asked };
}

const problem = { type: 'about:blank', title: 'T', hint: 'What to do.' };

test('backup: a vault that is busy ends with 1, and with how to follow its run', async () => {
  const busy = { ...problem, status: 409, code: 'busy', detail: 'a run goes on', run: '20261122T020000Z' };
  expect(await say([{ status: 409, body: busy }], 'backup', 'contoso')).toMatchObject({
    exitCode: 1,
    err: 'error: a run goes on\n  kvb backup <vault> --follow 20261122T020000Z\n',
  });
});

test('backup: when no run could be started it says why of each vault', async () => {
  const vaults = [{ vault: 'contoso', notStarted: 'the storage could be altered', hint: 'Set a policy.' }];
  const none = { ...problem, status: 503, code: 'unreachable', detail: 'no run could be started', vaults };
  expect(await say([{ status: 503, body: none }], 'backup', 'contoso')).toMatchObject({
    exitCode: 1,
    err: 'error: no run could be started\n  contoso: the storage could be altered. Set a policy.\n  What to do.\n',
  });
});

test('backup: one vault of a plan that was not started makes it 1', async () => {
  const vaults = [
    { vault: 'one', run: '20261122T020000Z' },
    { vault: 'two', notStarted: 'busy', hint: 'Wait.' },
  ];
  expect(await say([{ status: 202, body: { vaults } }], 'backup', '--plan', 'p', '--no-wait')).toMatchObject({
    exitCode: 1,
    out: 'one: run 20261122T020000Z was started\n  kvb backup one --follow 20261122T020000Z\n',
    err: '! two: busy. Wait.\n',
  });
});

test('diff: all pages are read, of the points of the first', async () => {
  const point = (runId: string) => ({ runId, status: 'complete', sealedAt: '2026-11-22T02:00:00Z' });
  const page = (names: string[], next: string | null) => ({
    body: {
      vault: 'contoso',
      from: point('20261121T020000Z'),
      to: point('20261122T020000Z'),
      counts: { appeared: 3, changed: 0, disappeared: 0, unchanged: 7 },
      unknown: [],
      objects: names.map((object) => ({ object, change: 'appeared', attributes: [] })),
      next,
    },
  });
  const said = await say(
    [page(['secrets/a', 'secrets/b'], 'secrets/b'), page(['secrets/c'], null)],
    'diff',
    'contoso',
    '2026-11-21T03:00:00+01:00',
  );
  expect([said.exitCode, said.out]).toEqual([
    0,
    'contoso  20261121T020000Z → 20261122T020000Z\n+  secrets/a\n+  secrets/b\n+  secrets/c\n3 appeared, 7 unchanged\n',
  ]);
  expect(
    said.asked.map(({ url }) => Object.fromEntries(new URL(url ?? '', 'http://app').searchParams)),
  ).toEqual([
    { from: '2026-11-21T02:00:00.000Z', to: 'latest', limit: '5000' },
    { from: '20261121T020000Z', to: '20261122T020000Z', after: 'secrets/b', limit: '5000' },
  ]);
});

test('diff: what is not known is no sameness', async () => {
  const body = {
    id: 'x',
    vault: 'contoso',
    live: { name: 'contoso', role: 'source' },
    recoveryPoint: '20261122T020000Z',
    status: 'complete',
    reason: null,
    startedAt: '2026-11-22T03:00:00Z',
    endedAt: '2026-11-22T03:00:01Z',
    unknown: [{ kind: 'key', reason: 'forbidden' }],
    counts: { appeared: 0, changed: 0, disappeared: 0, unchanged: 7, versions: {} },
    requests: 3,
    objects: [],
    next: null,
  };
  const words = ['diff', 'contoso', '--live', '--follow', 'x'];
  expect(await say([{ body }], ...words, '--exit-code')).toMatchObject({
    exitCode: 1,
    out: expect.stringMatching(/^\? {2}every key: forbidden\n7 unchanged$/m),
  });
  const failed = { ...body, status: 'failed', reason: 'the vault cannot be listed', counts: null };
  expect(await say([{ body: failed }], ...words)).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('the comparison failed: the vault cannot be listed'),
  });
  expect(await say([{ body }], 'diff', 'contoso', 'latest', '--follow', 'x')).toMatchObject({ exitCode: 2 });
});

test('restore: a lost reply is asked for again under the same key, so that nothing is done twice', async () => {
  const accepted = {
    id: 'r',
    status: 'running',
    recoveryPoint: 'p',
    recoveryPointStatus: 'complete',
    lacks: [],
  };
  const { url, asked } = await scriptedApp({ dies: true }, { status: 202, body: accepted }, { status: 404 });
  const words = ['restore', 'contoso', '**', '--target', 'dr', '--reason', 'a test', '--dry-run'];
  const said = await kvb(words, { env: { KVB_RESTORE_URL: url }, sleep: async () => {} });
  expect(said.exitCode).toBe(2);
  const [first, second] = asked.map(({ headers }) => headers['idempotency-key']);
  expect([first, second]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), first]);
  expect(asked.map(({ body }) => body)[1]).toContain('"dryRun":true');
});

test('points --portable: which copies there are, who opens them, and what has none', async () => {
  const line = { ...emptyLine, runId: '20261122T020000Z' };
  const objects = [
    {
      ...line,
      kind: 'secret',
      name: 'db',
      outcome: 'stored',
      blob: 'contoso/portable/runs/x/secrets/db.jwe',
    },
    {
      ...line,
      kind: 'key',
      name: 'signing',
      outcome: 'notExportable',
      reason: 'a key never leaves its vault',
    },
  ];
  const copies = {
    format: 1,
    vault: 'contoso',
    vaultUrl: 'https://contoso.vault.azure.net',
    region: null,
    plan: 'payments',
    runId: '20261122T020000Z',
    recoveryPoint: { runId: '20261122T020000Z', sha256: 'a' },
    status: 'complete',
    reason: null,
    startedAt: '2026-11-22T02:05:00Z',
    sealedAt: '2026-11-22T02:06:00Z',
    expiresAt: '2027-02-20T02:00:00Z',
    counts: { stored: 1, notExportable: 1 },
    bytes: 900,
    index: { blob: 'b', sha256: 'c', lines: 2 },
    previous: null,
    recipients: ['the-thumbprint'],
    versions: 3,
    requests: { vault: 4, throttled: 0, pausedMs: 0, slowest: 1 },
    app: '1.0.0',
  };
  const said = await say([{ body: { copies, objects } }], 'points', 'contoso', 'latest', '--portable');
  expect([said.exitCode, said.err, said.asked[0]?.url]).toEqual([
    0,
    '',
    '/api/vaults/contoso/portable-copies/latest',
  ]);
  expect(said.out).toMatch(/^ {2}opens with {2}the-thumbprint$/m);
  expect(said.out).toMatch(/^secret +db +stored +contoso\/portable\/runs\/x\/secrets\/db\.jwe +-$/m);
});
