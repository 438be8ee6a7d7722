/** The version guard and differences through everything real: one source, one secondary that was restored from it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from './callApp.ts';
import { type E2e, type Line, type Point, startE2e, waitFor } from './harness.ts';
import { problemsOf } from './reader.ts';

interface CountedLine extends Line {
  readonly versions: number | null;
  readonly currentVersion: string | null;
}

let e2e: E2e;
let first: Point;
let second: Point;
const vault = 'source';
const target = 'secondary';
const longAgo = 1_700_000_000;
const values = ['a-very-secret-value', 'its-very-secret-successor'] as const;

beforeAll(async () => {
  e2e = await startE2e({
    vaults: { [vault]: {}, [target]: {} },
    stack: {
      restoreTargets: (addresses) => ({ [vault]: addresses.filter(({ name }) => name === target) }),
    },
  });
  const { seed } = e2e.stack.emulator.control;
  for (const name of ['plain', 'rotating', 'Doomed'])
    seed.secret(vault, { name, value: values[0], created: longAgo });
  seed.secret(vault, { name: 'warm', value: 'v', versions: 302, created: longAgo });
  seed.secret(vault, { name: 'crowded', value: 'v', versions: 502, created: longAgo });
  await seed.key(vault, { name: 'signing', kty: 'EC', created: longAgo });
  await seed.certificate(vault, { name: 'www', created: longAgo });
  first = await fullRun();
  await e2e.restore({
    vault,
    target,
    objects: ['secrets/plain', 'secrets/rotating', 'keys/*'],
    allowPartial: true,
  });
  const { secrets } = e2e.operator(vault);
  await secrets.setSecret('rotating', values[1]);
  await secrets.setSecret('fresh', 'new');
  await secrets.beginDeleteSecret('Doomed');
  second = await fullRun();
});
afterAll(() => e2e?.stop());

async function fullRun(): Promise<Point> {
  const before = await e2e.points(vault);
  // The state of the run before is cleared a moment after its point is there.
  await waitFor(async () => (await e2e.call('POST', 'backups', { vault, full: true })).status === 202);
  return e2e.waitForPoint(vault, ({ runId }) => before.every((name) => !name.includes(runId)));
}
const lineOf = async (point: Point, name: string) =>
  (await e2e.lines(point)).find((line) => line.name === name) as CountedLine | undefined;

describe('the version guard', () => {
  test('counts the versions of every object in a full run, each page a request', async () => {
    const { control } = e2e.stack.emulator;
    const calls = ['secrets', 'keys', 'certificates'].map((kind) =>
      control.count({ vault, operation: `${kind}.versions`, identity: 'backup' }),
    );
    expect(first.inventory.seen).toBe(7);
    expect(first.inventory.requests + second.inventory.requests).toBe(
      calls.reduce((sum, count) => sum + count, 0),
    );
    expect(await lineOf(first, 'warm')).toMatchObject({
      outcome: 'stored',
      versions: 302,
      currentVersion: null,
    });
    const [plain] = control.objects(vault).secrets.filter(({ name }) => name === 'plain');
    expect(await lineOf(first, 'plain')).toMatchObject({
      versions: 1,
      currentVersion: plain?.versions[0]?.id,
    });
    expect(await problemsOf(e2e.stack.container('backups'), vault)).toEqual([]);
  });

  test('warns before there are too many, and says so when a backup fails for it', async () => {
    const high = e2e.events('versions.high').filter(({ runId }) => runId === first.runId);
    expect(high.map(({ object, versions, threshold }) => [object, versions, threshold])).toEqual([
      ['secrets/crowded', 502, 475],
      ['secrets/warm', 302, 300],
    ]);
    expect(first).toMatchObject({ status: 'partial', counts: { failed: 1 } });
    expect((await lineOf(first, 'crowded'))?.reason).toMatch(/^tooManyVersions: .*create a new object/);
  });
});

describe('between two points', () => {
  const objectsIn = ({ body }: Answer) => body['objects'] as { object: string; change: string }[];

  test('both apps tell what came, changed and went, a page at a time', async () => {
    for (const call of [e2e.call, e2e.callRestore]) {
      const answer = await call('GET', `vaults/${vault}/diff?from=${first.runId}`);
      expect(answer.body).toMatchObject({
        from: { runId: first.runId },
        to: { runId: second.runId },
        counts: { appeared: 1, changed: 1, disappeared: 1 },
        next: null,
      });
      expect(objectsIn(answer).map(({ object, change }) => `${change} ${object}`)).toEqual([
        'disappeared secrets/doomed',
        'appeared secrets/fresh',
        'changed secrets/rotating',
      ]);
      const page = await call(
        'GET',
        `vaults/${vault}/diff?from=${first.runId}&to=latest&limit=1&after=secrets/doomed`,
      );
      expect(objectsIn(page)).toMatchObject([{ object: 'secrets/fresh' }]);
      expect(page.body['next']).toBe('secrets/fresh');
    }
  });

  test.each([
    ['diff', 400, /^from: write a run id/],
    ['diff?from=yesterday', 400, /^from: "yesterday" is no recovery point/],
    ['diff?from=latest&limit=0', 400, /^limit: /],
    ['diff?from=20200101T000000Z', 404, /has no recovery point 20200101T000000Z/],
  ])('%s is %i', async (route, status, detail) => {
    const answer = await e2e.call('GET', `vaults/${vault}/${route}`);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
  });
});

describe('against a live vault', () => {
  async function compare(call: E2e['call'], body: object): Promise<Record<string, unknown>> {
    const asked = await call('POST', 'diffs', body);
    expect(asked).toMatchObject({ status: 202, body: { recoveryPoint: expect.any(String) } });
    return waitFor(async () => {
      const { body: detail } = await call('GET', `diffs/${String(asked.body['id'])}`);
      return detail['status'] !== 'running' && detail;
    });
  }

  test('the source, by listings alone', async () => {
    const { control } = e2e.stack.emulator;
    const backups = control.count({ vault, operation: 'secrets.backup' });
    const detail = await compare(e2e.call, { vault, recoveryPoint: first.runId });
    expect(detail).toMatchObject({
      status: 'complete',
      live: { name: vault, role: 'source' },
      counts: { appeared: 1, changed: 1, disappeared: 1, versions: {} },
    });
    expect(control.count({ vault, operation: 'secrets.backup' })).toBe(backups);
  });

  test('a secondary lacks the version that came after its restore, and the answer holds no value', async () => {
    const detail = await compare(e2e.callRestore, { vault, target });
    expect(detail).toMatchObject({
      status: 'complete',
      recoveryPoint: second.runId,
      live: { name: target, role: 'target' },
      counts: { changed: 1, appeared: 0, unchanged: 2, versions: { same: 2, behind: 1 } },
    });
    expect(detail['objects']).toContainEqual({
      object: 'secrets/rotating',
      change: 'changed',
      attributes: expect.any(Array),
      versions: expect.objectContaining({ verdict: 'behind', live: 1 }),
    });
    for (const value of values) expect(JSON.stringify(detail)).not.toContain(value);
  });

  test.each([
    ['backup', { vault, target }, 403, /does not call restore targets/],
    ['backup', { vault: 'nowhere' }, 404, /no plan has a vault/],
    ['restore', { vault }, 400, /^target: name the restore target/],
    ['restore', { vault, target: 'elsewhere' }, 403, /is no restore target/],
    ['restore', { vault, target, at: 'now' }, 400, /^at: unknown field/],
  ] as const)('the %s app refuses %j', async (app, body, status, detail) => {
    const call = app === 'backup' ? e2e.call : e2e.callRestore;
    expect(await call('POST', 'diffs', body)).toMatchObject({
      status,
      body: { detail: expect.stringMatching(detail) },
    });
  });
});
