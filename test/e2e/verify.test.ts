/**
 * Verifications through everything real. Stored blobs cannot be altered through the immutability proxy, so the damage is
 * done behind it, where Azurite lets anybody; the app finds it, captures anew, and says so where people and alerts look.
 */
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type E2e, type Line, type Point, startE2e, waitFor } from './harness.ts';
import { problemsOf } from './reader.ts';
import { unusedOnContainer } from './rights.ts';

let e2e: E2e;
const longAgo = 1_700_000_000;
const vaults = ['whole', 'damaged', 'chained', 'cluttered'];

beforeAll(async () => {
  e2e = await startE2e({ vaults: Object.fromEntries(vaults.map((name) => [name, {}])) });
  const { seed } = e2e.stack.emulator.control;
  for (const vault of vaults)
    for (let i = 0; i < 3; i += 1)
      seed.secret(vault, { name: `object-${i}`, value: `of ${vault} ${i}`, created: longAgo });
  await Promise.all(vaults.map(run));
});
afterAll(() => e2e?.stop());

interface Found {
  readonly id: string;
  readonly status: string;
  readonly scope: string;
  readonly checked: number;
  readonly findings: { what: string; blob: string; object: string | null; known: boolean }[];
  readonly unnamed: { superseded: number; unsealed: number; stranger: number };
}

/** Where no immutability proxy stands before. */
const behind = () =>
  BlobServiceClient.fromConnectionString(e2e.stack.azurite.connectionString).getContainerClient('backups');

async function run(vault: string): Promise<Point> {
  const before = await e2e.points(vault);
  expect((await e2e.call('POST', 'backups', { vault })).status).toBe(202);
  return e2e.waitForPoint(vault, ({ runId }) => before.every((name) => !name.includes(runId)));
}
async function verify(asked: Record<string, unknown>): Promise<Found> {
  const answer = await e2e.call('POST', 'verifications', asked);
  expect(answer.status).toBe(202);
  const { id } = answer.body as { id: string };
  return waitFor(async () => {
    // The record is there a moment before it is announced: who looks after the announcement sees it.
    const told = ['verification.ended', 'verification.failed'].flatMap((name) => e2e.events(name));
    const announced = told.some((event) => event['id'] === id);
    const { status, body } = await e2e.call('GET', `verifications/${id}`);
    expect(status).toBe(200);
    return announced && (body as unknown as Found);
  });
}
const blobOf = async (point: Point, name: string) =>
  (await e2e.lines(point)).find((line: Line) => line.name === name)?.blob ?? '';
const eventsOf = (name: string, vault: string) =>
  e2e.events(name).filter((event) => event['vault'] === vault);

test('a whole vault is sound, by request and daily, and the record is immutable', async () => {
  const found = await verify({ vault: 'whole' });
  expect(found).toMatchObject({ status: 'sound', scope: 'vault', checked: 3, findings: [] });
  await e2e.stack.host.invoke('verifyVaults');
  await waitFor(async () => eventsOf('verification.ended', 'whole').length === 2);
  const { body } = await e2e.call('GET', 'vaults');
  expect((body['vaults'] as { vault: string }[]).find(({ vault }) => vault === 'whole')).toMatchObject({
    latestVerification: { status: 'sound', findings: 0 },
  });
  const audit = e2e.stack.container('audit');
  const [record] = await Array.fromAsync(audit.listBlobsFlat({ prefix: 'verifications/whole/' }));
  expect(record?.name).toBeDefined();
  await expect(audit.deleteBlob(record?.name ?? '')).rejects.toMatchObject({ statusCode: 409 });
});

test('a flipped byte and a missing blob are found; the next run captures both anew, and its point is complete', async () => {
  const point = await e2e.waitForPoint('damaged');
  const flipped = behind().getBlockBlobClient(await blobOf(point, 'object-0'));
  const bytes = await flipped.downloadToBuffer();
  const { metadata = {} } = await flipped.getProperties();
  bytes[9] = (bytes[9] ?? 0) ^ 1;
  await flipped.uploadData(bytes, { metadata });
  await behind().deleteBlob(await blobOf(point, 'object-1'));

  const found = await verify({ vault: 'damaged', recoveryPoint: 'latest' });
  expect(found).toMatchObject({ status: 'failed', scope: 'recoveryPoint', checked: 3 });
  expect(found.findings).toMatchObject([
    { what: 'corrupt', object: 'secrets/object-0', known: false },
    { what: 'missing', object: 'secrets/object-1', known: false },
  ]);
  expect(eventsOf('verification.failed', 'damaged')).toEqual([
    expect.objectContaining({ id: found.id, findings: 2, known: 0 }),
  ]);

  const next = await run('damaged');
  expect(next).toMatchObject({ status: 'complete', counts: { stored: 2, carried: 1 } });
  const problems = await problemsOf(e2e.stack.container('backups'), 'damaged');
  expect(problems.filter((problem) => problem.includes(`${next.runId}.json`))).toEqual([]);
  expect(await verify({ vault: 'damaged', recoveryPoint: next.runId })).toMatchObject({ status: 'sound' });
  // The old point still names them: the vault stays failed, and nothing of it is new.
  const whole = await verify({ vault: 'damaged' });
  expect(whole).toMatchObject({ status: 'failed', findings: [{ known: true }, { known: true }] });
  expect(eventsOf('verification.failed', 'damaged')).toHaveLength(1);
});

test('a point that was taken out of the chain is evident', async () => {
  await run('chained');
  await run('chained');
  const [, middle = ''] = await e2e.points('chained');
  await behind().deleteBlob(middle);
  const found = await verify({ vault: 'chained' });
  expect(found).toMatchObject({ status: 'failed', findings: [{ what: 'chain', blob: middle }] });
});

test('a blob that no point names is told, and is no error', async () => {
  const { runId } = await e2e.waitForPoint('cluttered');
  const orphan = 'cluttered/runs/20200101T000000Z/secrets/object-0.1-1.secretbackup';
  for (const name of [
    `cluttered/runs/${runId}/secrets/object-0.1-2.secretbackup`,
    orphan.replace('20200101', new Date().toISOString().slice(0, 10).replaceAll('-', '')),
    'cluttered/notes.txt',
  ])
    await behind().getBlockBlobClient(name).uploadData(Buffer.from('x'));
  const found = await verify({ vault: 'cluttered' });
  expect(found).toMatchObject({
    status: 'sound',
    findings: [],
    unnamed: { superseded: 1, unsealed: 1, stranger: 1 },
  });
});

describe('what is asked wrongly is refused by its field', () => {
  test.each<[Record<string, unknown>, number, RegExp]>([
    [{}, 400, /^vault: /],
    [{ vault: 'whole', recoveryPoint: 'yesterday' }, 400, /^recoveryPoint: write a run id/],
    [{ vault: 'whole', recoveryPoint: '20200101T000000Z' }, 404, /^recoveryPoint: whole has no/],
    [{ vault: 'nowhere' }, 404, /^vault: there is no recovery point of nowhere/],
  ])('%j', async (asked, status, said) => {
    const answer = await e2e.call('POST', 'verifications', asked);
    expect([answer.status, answer.body['detail']]).toEqual([status, expect.stringMatching(said)]);
  });

  test.each([
    ['x', 400],
    ['whole-20200101T000000Z', 404],
  ])('GET of %s is %i', async (id, status) => {
    expect((await e2e.call('GET', `verifications/${id}`)).status).toBe(status);
  });
});

test('runs and verifications needed every action of the storage role, on both containers', () => {
  for (const container of ['backups', 'audit'])
    expect([container, ...unusedOnContainer(e2e.stack, 'backup', container)]).toEqual([container]);
});
