/**
 * Restores by portable copies that meet trouble: names that are taken, copies that were altered or swapped, recipients'
 * keys that were rotated, disabled or lost. Each is told for what it is, and nothing half is left behind.
 */
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Copies, type PortableE2e, recovery, source, startPortableE2e } from './portableHarness.ts';

let e2e: PortableE2e;
let copies: Copies;
const longAgo = 1_700_000_000;
const abroad = { spec: { geography: 'Asia Pacific', region: 'eastasia' } };

beforeAll(async () => {
  e2e = await startPortableE2e({ chosen: abroad, taken: abroad, damaged: abroad }, { versions: 2 });
  const { seed } = e2e.stack.emulator.control;
  seed.secret(source, { name: 'db-password', value: 'three', versions: 3, created: longAgo });
  seed.secret(source, { name: 'large', value: 'another', created: longAgo });
  await seed.certificate(source, { name: 'www', kty: 'EC', created: longAgo });
  copies = await e2e.copyNow();
});
afterAll(() => e2e?.stop());

const restore = (target: string, request: Record<string, unknown> = {}) =>
  e2e.restore({ vault: source, objects: ['**'], target, mode: 'portable', ...request });
const by = (detail: Awaited<ReturnType<typeof restore>>) =>
  Object.fromEntries(detail.objects.map(({ object, action, outcome }) => [object, [action, outcome]]));
const objectOf = (detail: Awaited<ReturnType<typeof restore>>, object: string) =>
  detail.objects.find((one) => one.object === object) as Record<string, unknown> | undefined;
const secretIn = (vault: string, name: string) =>
  e2e.stack.emulator.control.objects(vault).secrets.find((one) => one.name === name);

describe('a name that is taken', () => {
  beforeAll(async () => {
    await e2e.operator('taken').secrets.setSecret('db-password', 'of the target');
    await e2e.operator('taken').secrets.setSecret('large', 'of the target');
    await e2e.operator('taken').secrets.beginDeleteSecret('large');
  });

  test('is left alone, and a soft-deleted one too', async () => {
    const objects = ['secrets/db-password', 'secrets/large'];
    expect(by(await restore('taken', { objects }))).toEqual({
      'secrets/db-password': ['conflict', 'conflict'],
      'secrets/large': ['conflict', 'conflict'],
    });
    expect(by(await restore('taken', { objects, onConflict: 'skip' }))).toEqual({
      'secrets/db-password': ['skip', 'skipped'],
      'secrets/large': ['skip', 'skipped'],
    });
  });

  test('gets the versions on top with replace, and keeps its own as history', async () => {
    const objects = ['secrets/db-password'];
    expect(by(await restore('taken', { objects, onConflict: 'replace' }))).toEqual({
      'secrets/db-password': ['replace', 'replaced'],
    });
    const values = secretIn('taken', 'db-password')?.versions.map(({ value }) => value);
    expect(values).toHaveLength(4);
    expect([values?.[0], values?.at(-1)]).toEqual(['of the target', 'three']);
  });

  test('is the same certificate: nothing to do', async () => {
    const objects = ['certificates/www'];
    expect(by(await restore('taken', { objects }))).toEqual({ 'certificates/www': ['restore', 'restored'] });
    expect(by(await restore('taken', { objects }))).toEqual({ 'certificates/www': ['skip', 'skipped'] });
  });
});

describe('a copy that cannot be opened says why, and nothing is sent', () => {
  const one = { objects: ['secrets/db-password'] };
  const tell = async (request = one) => objectOf(await restore('damaged', request), request.objects[0] ?? '');
  const nothingSent = () => expect(e2e.stack.emulator.control.writes('damaged')).toBe(0);

  /** Behind the immutability proxy, where Azurite lets anybody. */
  async function altered(object: string, change: (bytes: Buffer) => Buffer, meanwhile: () => Promise<void>) {
    const behind = BlobServiceClient.fromConnectionString(e2e.stack.azurite.connectionString);
    const client = behind.getContainerClient('backups').getBlockBlobClient(copies.line(object).blob ?? '');
    const bytes = await client.downloadToBuffer();
    const { metadata = {} } = await client.getProperties();
    await client.uploadData(change(bytes), { metadata });
    try {
      await meanwhile();
    } finally {
      await client.uploadData(bytes, { metadata });
    }
  }

  test('truncated', () =>
    altered(
      'secrets/db-password',
      (bytes) => bytes.subarray(0, -50),
      async () => {
        expect(await tell()).toMatchObject({
          outcome: 'failed',
          reason: expect.stringMatching(/^corruptBlob.*SHA-256 and size/),
        });
        nothingSent();
      },
    ));

  test('swapped for the copy of another object', async () => {
    const other = await e2e.stack
      .container('backups')
      .getBlobClient(copies.line('secrets/large').blob ?? '')
      .downloadToBuffer();
    await altered(
      'secrets/db-password',
      () => other,
      async () => {
        expect(await tell()).toMatchObject({
          outcome: 'failed',
          reason: expect.stringMatching(/^corruptBlob/),
        });
        nothingSent();
      },
    );
  });

  test('a key that may not unwrap', async () => {
    const { keys } = e2e.operator(recovery);
    await keys.updateKeyProperties('portable', { enabled: false });
    expect(await tell()).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^forbidden.*cannot be opened.*keys\/portable/),
      hint: expect.stringMatching(/Recover or enable.*open-portable/),
    });
    await keys.updateKeyProperties('portable', { enabled: true });
    nothingSent();
  });

  test('a rotated key: copies of its former version still open', async () => {
    await e2e.operator(recovery).keys.createRsaKey('portable', { keySize: 2048 });
    expect(by(await restore('chosen', one))).toEqual({ 'secrets/db-password': ['restore', 'restored'] });
  });

  test('a lost key', async () => {
    await e2e.operator(recovery).keys.beginDeleteKey('portable');
    expect(await tell()).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/notFound.*unwrapping/),
    });
    nothingSent();
  });
});
