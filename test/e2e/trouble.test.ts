/** Vaults that misbehave: every kind of trouble ends in a true recovery point, and the next run is complete. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type E2e, startE2e, waitFor } from './harness.ts';
import { problemsOf } from './reader.ts';

let e2e: E2e;
const vaults = [
  'deleting',
  'forbidden',
  'returning',
  'lost',
  'hanging',
  'expired',
  'unlistable',
  'throttled',
  'broken',
];

beforeAll(async () => {
  e2e = await startE2e({
    vaults: Object.fromEntries(
      vaults.map((name) => [name, name === 'lost' ? { plan: { deadlineMinutes: 0.3 } } : {}]),
    ),
    // One object answers never, and each of its attempts lasts this long.
    env: { VAULT_TIMEOUT_SECONDS: '2' },
  });
  for (const vault of vaults) e2e.stack.emulator.control.seed.many(vault, 6, (i) => `object-${i}`);
});
afterAll(() => e2e?.stop());

const control = () => e2e.stack.emulator.control;
const outcomeOf = async (vault: string, name: string) =>
  (await e2e.lines(await e2e.waitForPoint(vault))).find((line) => line.name === name);

async function expectNextRunComplete(vault: string): Promise<void> {
  const before = (await e2e.points(vault)).length;
  expect((await e2e.call('POST', 'backups', { vault })).status).toBe(202);
  await waitFor(async () => (await e2e.points(vault)).length > before);
  expect(await e2e.waitForPoint(vault)).toMatchObject({ status: 'complete', counts: { failed: 0 } });
  expect(await problemsOf(e2e.stack.container('backups'), vault)).toEqual([]);
}

describe.concurrent('what a vault can do to a run', () => {
  test('an object deleted between listing and backup is gone, and the run complete', async () => {
    const { secrets } = e2e.operator('deleting');
    const stop = control().onRequest(async ({ vault, operation }) => {
      if (vault === 'deleting' && operation === 'certificates.list') {
        stop();
        await secrets.beginDeleteSecret('object-3');
      }
    });
    await e2e.fire('deleting');
    expect(await e2e.waitForPoint('deleting')).toMatchObject({
      status: 'complete',
      counts: { gone: 1, stored: 5 },
    });
    expect(await outcomeOf('deleting', 'object-3')).toMatchObject({ outcome: 'gone', blob: null });
  });

  test('a forbidden object fails with the action to assign, and the run is partial', async () => {
    const fault = control().addFault({
      vault: 'forbidden',
      operation: 'secrets.backup',
      name: 'object-2',
      kind: { status: 403, code: 'Forbidden', innererror: 'ForbiddenByRbac' },
    });
    await e2e.fire('forbidden');
    expect(await e2e.waitForPoint('forbidden')).toMatchObject({
      status: 'partial',
      counts: { failed: 1, stored: 5 },
    });
    expect((await outcomeOf('forbidden', 'object-2'))?.reason).toMatch(
      /^forbidden: .*Microsoft\.KeyVault\/vaults\/secrets\/backup\/action/,
    );
    control().removeFault(fault);
    await expectNextRunComplete('forbidden');
  });

  test('an unreachable vault that comes back ends in a complete point', async () => {
    let backups = 0;
    const stop = control().onRequest(({ vault, operation }) => {
      if (vault === 'returning' && operation === 'secrets.backup' && ++backups === 2)
        control().setReachable('returning', false);
    });
    await e2e.fire('returning');
    await waitFor(async () => backups >= 2);
    stop();
    await waitFor(async () =>
      e2e.stack.host.logs.some((line) => /ECONNRESET|socket hang up|no connection/.test(line.message)),
    );
    control().setReachable('returning', true);
    expect(await e2e.waitForPoint('returning')).toMatchObject({
      status: 'complete',
      counts: { stored: 6, failed: 0 },
    });
  });

  test('one that does not come back is sealed at the deadline, named', async () => {
    control().setReachable('lost', false);
    await e2e.fire('lost');
    const point = await e2e.waitForPoint('lost');
    expect(point).toMatchObject({ status: 'failed', counts: { listed: 0 } });
    expect(point.reason).toMatch(/was not listed: .*vault lost/);
    control().setReachable('lost', true);
    await expectNextRunComplete('lost');
  });

  test('one object that always times out fails, while the others succeed without a pause', async () => {
    const fault = control().addFault({
      vault: 'hanging',
      operation: 'secrets.backup',
      name: 'object-4',
      kind: { hang: true },
    });
    await e2e.fire('hanging');
    expect(await e2e.waitForPoint('hanging')).toMatchObject({
      status: 'partial',
      counts: { failed: 1, stored: 5 },
    });
    expect((await outcomeOf('hanging', 'object-4'))?.reason).toMatch(/no answer in time/);
    expect(control().count({ vault: 'hanging', operation: 'secrets.backup' })).toBe(5 + 5);
    control().removeFault(fault);
  });

  test('a token that is refused for a while costs no object its backup', async () => {
    const fault = control().addFault({
      vault: 'expired',
      operation: 'secrets.backup',
      count: 4,
      kind: { status: 401, code: 'Unauthorized', message: '[TokenExpired] expired' },
    });
    await e2e.fire('expired');
    expect(await e2e.waitForPoint('expired')).toMatchObject({ status: 'complete', counts: { stored: 6 } });
    control().removeFault(fault);
  });

  test('a kind that may not be listed makes the run partial and names the kind', async () => {
    await control().seed.key('unlistable', { name: 'k' });
    const fault = control().addFault({
      vault: 'unlistable',
      operation: 'keys.list',
      kind: { status: 403, code: 'Forbidden', innererror: 'ForbiddenByRbac' },
    });
    await e2e.fire('unlistable');
    const point = await e2e.waitForPoint('unlistable');
    expect(point).toMatchObject({
      status: 'partial',
      counts: { stored: 6, failed: 0 },
      unlisted: [{ kind: 'key' }],
    });
    control().removeFault(fault);
    await expectNextRunComplete('unlistable');
  });

  test('throttling pauses the run and costs nothing else', async () => {
    control().addFault({
      vault: 'throttled',
      operation: 'secrets.backup',
      count: 3,
      kind: { status: 429, code: 'Throttled' },
    });
    control().addFault({
      vault: 'throttled',
      operation: 'keys.list',
      count: 1,
      kind: { status: 429, code: 'Throttled', retryAfterSeconds: 1 },
    });
    await e2e.fire('throttled');
    const point = await e2e.waitForPoint('throttled');
    expect(point).toMatchObject({ status: 'complete', counts: { stored: 6, failed: 0 } });
    expect(point.requests.throttled).toBe(control().count({ vault: 'throttled', status: 429 }));
  });

  test('empty, HTML, truncated and null bodies, resets and slow bodies are all survived', async () => {
    const kinds = [
      { status: 500, body: 'empty' },
      { status: 502, body: 'html' },
      { status: 503, body: 'truncated' },
      { status: 500, body: 'null' },
      { reset: true },
    ] as const;
    for (const [index, kind] of kinds.entries())
      control().addFault({
        vault: 'broken',
        operation: 'secrets.backup',
        name: `object-${index}`,
        count: 1,
        kind,
      });
    control().addFault({ vault: 'broken', operation: 'secrets.list', count: 1, kind: { reset: true } });
    await e2e.fire('broken');
    expect(await e2e.waitForPoint('broken')).toMatchObject({
      status: 'complete',
      counts: { stored: 6, failed: 0 },
    });
  });
});

test('every container state that this left behind is sound', async () => {
  for (const vault of vaults) expect(await problemsOf(e2e.stack.container('backups'), vault)).toEqual([]);
});
