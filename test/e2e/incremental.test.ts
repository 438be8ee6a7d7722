/**
 * Incremental runs and the consistency pass through everything real. Objects are seeded as of long ago: their captures
 * are not racy, except where that is the point. The age of a blob cannot be waited for: the base is made older where it
 * lies, behind the immutability proxy, with new digests; the app then reads an honest container of another week.
 */
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type E2e, type Line, type Point, sha256, startE2e } from './harness.ts';
import { problemsOf } from './reader.ts';
import { ending, sumOf } from './vaultCalls.ts';

interface IncrementalPoint extends Point {
  readonly base: { runId: string } | null;
  readonly consistency: { passes: number; changedDuringRun: string[] };
}
interface DatedLine extends Line {
  readonly pass: number | null;
  readonly updated: number | null;
  readonly capturedAt: string | null;
}

let e2e: E2e;
const longAgo = 1_700_000_000;
const dayMs = 86_400_000;
const vaults = ['steady', 'during', 'backingup', 'moving', 'carrying', 'aged', 'racy', 'renamed', 'other'];

beforeAll(async () => {
  e2e = await startE2e({
    vaults: Object.fromEntries([...vaults, 'target'].map((name) => [name, {}])),
    stack: {
      restoreTargets: (addresses) => ({ carrying: addresses.filter(({ name }) => name === 'target') }),
    },
  });
  for (const vault of vaults) for (let i = 0; i < 5; i += 1) seedOld(vault, `object-${i}`);
  for (let i = 5; i < 60; i += 1) seedOld('steady', `object-${i}`);
  for (const vault of ['steady', 'carrying']) {
    await seed().key(vault, { name: 'k', kty: 'EC', versions: 2, created: longAgo });
    await seed().certificate(vault, { name: 'c', created: longAgo });
  }
});
afterAll(() => e2e?.stop());

const control = () => e2e.stack.emulator.control;
const seed = () => control().seed;
const seedOld = (vault: string, name: string) =>
  seed().secret(vault, { name, value: `of ${name}`, created: longAgo });

/** One run by hand, to its end. */
async function run(vault: string, api = e2e.stack.api): Promise<IncrementalPoint> {
  const before = await e2e.points(vault);
  const answer = await fetch(`${api}/backups`, { method: 'POST', body: JSON.stringify({ vault }) });
  expect(answer.status).toBe(202);
  const isNew = ({ runId }: Point) => before.every((name) => !name.includes(runId));
  return (await e2e.waitForPoint(vault, isNew)) as IncrementalPoint;
}
const lineOf = async (point: Point, name: string) =>
  (await e2e.lines(point)).find((line) => line.name === name) as DatedLine | undefined;
const outcomesIn = async (point: Point) =>
  Object.fromEntries((await e2e.lines(point)).map(({ name, outcome }) => [name, outcome]));
/** Every version with its value or key, in order. */
function versionsIn(vault: string): unknown {
  const { secrets, keys, certificates } = control().objects(vault);
  const all = [secrets, keys, certificates].map((objects) =>
    objects.map(({ name, versions }) => [name, versions]),
  );
  return JSON.parse(
    JSON.stringify(all, (field, value: unknown) => (field === 'recoveryLevel' ? undefined : value)),
  );
}
const expectSound = async (vault: string) =>
  expect(await problemsOf(e2e.stack.container('backups'), vault)).toEqual([]);

/** The calls of the app at a vault, by operation, while something happens. */
async function callsDuring(vault: string, what: () => Promise<unknown>): Promise<Record<string, number>> {
  const calls: Record<string, number> = {};
  const stop = control().onRequest(({ vault: at, operation, identity }) => {
    if (at === vault && identity === 'backup') calls[operation] = (calls[operation] ?? 0) + 1;
  });
  await what();
  stop();
  return calls;
}
/** What an inventory saw may be newer than the line. */
const unseen = { versions: null, versionsSeenAt: null, currentVersion: null };
/** At the n-th call of that operation there, before it is carried out. */
function atCalls(vault: string, operation: string, act: (n: number) => Promise<unknown>): () => void {
  let n = 0;
  return control().onRequest(async (request) => {
    if (request.vault === vault && request.operation === operation) await act((n += 1));
  });
}

describe.concurrent('the second run', () => {
  test('carries what did not change: list calls as often as the first run, and one backup per change', async () => {
    const first = await callsDuring('steady', () => run('steady'));
    const earlier = await e2e.lines(await e2e.waitForPoint('steady'));
    await e2e.operator('steady').secrets.updateSecretProperties('object-7', '', { tags: { a: 'b' } });
    await e2e.operator('steady').secrets.setSecret('object-8', 'new');
    let point: IncrementalPoint | undefined;
    const second = await callsDuring('steady', async () => (point = await run('steady')));
    const looks = ending(second, '.versions');
    expect(second).toEqual({ ...ending(first, '.list'), ...looks, 'secrets.backup': 2 });
    // Every listing is made twice, for the plan and for the check, and is whole: 60 secrets and a managed one.
    for (const count of Object.values(ending(second, '.list'))) expect(count % 2).toBe(0);
    expect(second['secrets.list']).toBeGreaterThanOrEqual(2 * 3);
    expect(point).toMatchObject({
      status: 'complete',
      counts: { listed: 64, stored: 2, carried: 60, skipped: 2, failed: 0 },
      requests: { vault: sumOf(second), throttled: 0 },
      inventory: { requests: sumOf(looks) },
      consistency: { passes: 1, changedDuringRun: [] },
    });
    for (const line of (point ? await e2e.lines(point) : []).filter(({ outcome }) => outcome === 'carried'))
      expect({ ...line, ...unseen }).toEqual({
        ...earlier.find(({ kind, name }) => kind === line.kind && name === line.name),
        ...unseen,
        outcome: 'carried',
      });
    await expectSound('steady');
  });

  test('does not trust a capture that was made before two seconds had passed since the change', async () => {
    // The vault dates the change half a minute ahead of its capture, so that a slow machine makes no difference.
    const soon = Math.floor(Date.now() / 1000) + 30;
    seed().secret('racy', { name: 'just-changed', value: 'v', created: longAgo, updated: soon });
    seed().secret('racy', { name: 'at-rest', value: 'v', created: longAgo, updated: soon - 90 });
    expect(await run('racy')).toMatchObject({ status: 'complete', counts: { stored: 7 } });
    const second = await run('racy');
    expect(await outcomesIn(second)).toMatchObject({ 'just-changed': 'stored', 'at-rest': 'carried' });
    expect(second.counts).toMatchObject({ stored: 1, carried: 6 });
    await expectSound('racy');
  });

  test('captures a blob anew that is past FULL_EVERY_DAYS, and carries the one that is not', async () => {
    const first = await run('aged');
    await makeOlder(first, { 'object-1': 8 * dayMs, 'object-2': 6 * dayMs });
    const second = await run('aged');
    expect(second).toMatchObject({ base: { runId: first.runId }, counts: { stored: 1, carried: 4 } });
    expect(await outcomesIn(second)).toMatchObject({ 'object-1': 'stored', 'object-2': 'carried' });
    expect((await lineOf(second, 'object-1'))?.blob).toContain(second.runId);
    await expectSound('aged');
  });

  test('gives back what it carried: an object restores from a point whose run never touched it', async () => {
    const first = await run('carrying');
    const second = await run('carrying');
    const touched = await callsDuring('carrying', () => run('carrying'));
    expect(Object.keys(touched).filter((operation) => !/\.(list|versions)$/.test(operation))).toEqual([]);
    expect(second).toMatchObject({ counts: { stored: 0, carried: 7 } });
    const carried = (await e2e.lines(second)).filter(({ outcome }) => outcome === 'carried');
    for (const { blob } of carried) expect(blob).toContain(first.runId);
    const recoveryPoint = second.runId;
    const detail = await e2e.restore({ vault: 'carrying', recoveryPoint, objects: ['**'], target: 'target' });
    expect(detail).toMatchObject({ status: 'complete', recoveryPoint, counts: { restored: 7 } });
    expect(versionsIn('target')).toEqual(versionsIn('carrying'));
    await expectSound('carrying');
  });
});

describe.concurrent('an object that changes during the run', () => {
  test('is captured again, with what it became', async () => {
    const stop = atCalls('during', 'certificates.list', async (n) => {
      if (n === 1) await e2e.operator('during').secrets.setSecret('object-2', 'rotated');
    });
    const point = await run('during').finally(stop);
    expect(point).toMatchObject({
      status: 'complete',
      counts: { listed: 5, stored: 5 },
      consistency: { passes: 2, changedDuringRun: [] },
    });
    expect(await lineOf(point, 'object-2')).toMatchObject({ pass: 2 });
    expect(await lineOf(point, 'object-3')).toMatchObject({ pass: 1 });
    expect(control().count({ vault: 'during', operation: 'secrets.backup' })).toBe(6);
    await expectSound('during');
  });

  test('between listing and its own backup, likewise; and what appears then is captured, too', async () => {
    const stop = atCalls('backingup', 'secrets.backup', async (n) => {
      if (n !== 1) return;
      const { secrets } = e2e.operator('backingup');
      for (let i = 0; i < 5; i += 1) await secrets.setSecret(`object-${i}`, 'rotated');
      await secrets.setSecret('late', 'new');
    });
    const point = await run('backingup').finally(stop);
    expect(point).toMatchObject({
      status: 'complete',
      counts: { listed: 6, stored: 6 },
      consistency: { passes: 2, changedDuringRun: [] },
    });
    for (const { pass } of (await e2e.lines(point)) as DatedLine[]) expect(pass).toBe(2);
    await expectSound('backingup');
  });

  test('at every pass is named; its last capture stands', async () => {
    const stop = atCalls('moving', 'certificates.list', (n) =>
      e2e.operator('moving').secrets.updateSecretProperties('object-4', '', {
        expiresOn: new Date((4_000_000_000 + n) * 1000),
      }),
    );
    const point = await run('moving').finally(stop);
    expect(point).toMatchObject({
      status: 'complete',
      counts: { listed: 5, stored: 5 },
      consistency: { passes: 2, changedDuringRun: ['secrets/object-4'] },
    });
    expect(await lineOf(point, 'object-4')).toMatchObject({ outcome: 'stored', pass: 2 });
    // The next run knows that its blob is not what is there now.
    const next = await run('moving');
    expect(await outcomesIn(next)).toMatchObject({ 'object-4': 'stored', 'object-0': 'carried' });
    await expectSound('moving');
  });
});

test('a vault that was made anew under the same name, with another URL, carries nothing', async () => {
  await run('renamed');
  const url = e2e.stack.emulator.vaults.find(({ name }) => name === 'other')?.url;
  const plans = JSON.parse(e2e.stack.env['BACKUP_PLANS'] ?? '[]') as { name: string }[];
  const renamed = { ...plans.find(({ name }) => name === 'renamed'), vaults: [{ name: 'renamed', url }] };
  await e2e.stack.host.killHost();
  const host = await e2e.stack.startHost({ env: { BACKUP_PLANS: JSON.stringify([renamed]) } });
  const calls = await callsDuring('other', () => run('renamed', `${host.url}/api`));
  const point = (await e2e.waitForPoint('renamed')) as IncrementalPoint;
  expect(point).toMatchObject({ status: 'complete', base: null, counts: { stored: 5, carried: 0 } });
  expect(calls['secrets.backup']).toBe(5);
  await expectSound('renamed');
  expect(await run('renamed', `${host.url}/api`)).toMatchObject({
    base: { runId: point.runId },
    counts: { stored: 0, carried: 5 },
  });
});

/** Dates captures of a point back, with a new index and digests that fit, where no immutability proxy stands before. */
async function makeOlder(point: Point, byMs: Record<string, number>): Promise<void> {
  const { connectionString } = e2e.stack.azurite;
  const backups = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('backups');
  const lines = ((await e2e.lines(point)) as DatedLine[]).map((line) => ({
    ...line,
    capturedAt: new Date(Date.parse(line.capturedAt ?? '') - (byMs[line.name] ?? 0)).toISOString(),
  }));
  const index = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const digest = sha256(index);
  const blob = point.index.blob.replace(/objects\.[0-9a-f]{16}/, `objects.${digest.slice(0, 16)}`);
  await backups.getBlockBlobClient(blob).uploadData(index);
  const [name = ''] = (await e2e.points('aged')).slice(-1);
  const sealed = backups.getBlockBlobClient(name);
  const { metadata = {} } = await sealed.getProperties();
  const aged = { ...point, index: { ...point.index, blob, sha256: digest } };
  await sealed.uploadData(Buffer.from(JSON.stringify(aged)), { metadata });
}
