/**
 * Portable copies through everything real: what may leave the vault lies encrypted in immutable storage and opens with a
 * recipient's key; what may not is told, object by object.
 */
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOffline } from '../../shared/domain/openCopy.ts';
import { sha256, waitFor } from './harness.ts';
import { type Copies, type PortableE2e, recovery, source, startPortableE2e } from './portableHarness.ts';

let e2e: PortableE2e;
let first: Copies;
const longAgo = 1_700_000_000;
const far = 4_102_444_800; // 2100: beyond what 32 bits hold
const large = 'ä'.repeat(25_600);

const bytesOf = (blob: string | null) =>
  e2e.stack
    .container('backups')
    .getBlobClient(blob ?? '')
    .downloadToBuffer();
const opened = async (copies: Copies, object: string) =>
  openOffline(await bytesOf(copies.line(object).blob), e2e.offlineKey);

beforeAll(async () => {
  e2e = await startPortableE2e({}, { versions: 2, exclude: ['secrets/tmp-*'] });
  const { seed } = e2e.stack.emulator.control;
  seed.secret(source, {
    name: 'db-password',
    value: 'three',
    versions: 4,
    contentType: 'text/plain',
    tags: { team: 'x' },
    notBefore: longAgo,
    expires: far,
    created: longAgo,
  });
  seed.secret(source, { name: 'large', value: large, created: longAgo });
  seed.secret(source, { name: 'locked', value: 'nobody reads this', enabled: false, created: longAgo });
  seed.secret(source, { name: 'later-locked', value: 'still known', created: longAgo });
  seed.secret(source, { name: 'tmp-cache', value: 'left out', created: longAgo });
  await seed.key(source, { name: 'signing', kty: 'RSA', created: longAgo });
  await seed.certificate(source, { name: 'www', kty: 'EC', versions: 2, created: longAgo });
  await seed.certificate(source, {
    name: 'mail',
    kty: 'RSA',
    contentType: 'application/x-pem-file',
    created: longAgo,
  });
  await seed.certificate(source, { name: 'vpn', kty: 'EC', exportable: false, created: longAgo });
  await e2e.operator(source).certificates.beginCreateCertificate('asked-for', {
    issuerName: 'Unknown',
    subject: 'CN=asked-for',
  });
  first = await e2e.copyNow();
});
afterAll(() => e2e?.stop());

test('every object of the recovery point is accounted for, and why it cannot travel', () => {
  const outcomes = Object.fromEntries(
    first.objects.map(({ kind, name, outcome }) => [`${kind}s/${name}`, outcome]),
  );
  expect(outcomes).toEqual({
    'secrets/db-password': 'stored',
    'secrets/large': 'stored',
    'secrets/locked': 'disabled',
    'secrets/later-locked': 'stored',
    'secrets/tmp-cache': 'excluded',
    'keys/signing': 'notExportable',
    'certificates/www': 'stored',
    'certificates/mail': 'stored',
    'certificates/vpn': 'notExportable',
    'certificates/asked-for': 'pending',
    ...Object.fromEntries(
      ['www', 'mail', 'vpn', 'asked-for'].flatMap((name) => [
        [`secrets/${name}`, 'skipped'],
        [`keys/${name}`, 'skipped'],
      ]),
    ),
  });
  expect(first.copies).toMatchObject({
    status: 'complete',
    reason: null,
    recoveryPoint: { runId: first.runId },
  });
  expect(first.line('keys/signing').publicKey).toMatchObject({ kty: 'RSA', e: 'AQAB' });
  expect(first.line('keys/signing').publicKey).not.toHaveProperty('d');
  expect(first.line('certificates/vpn').certificate).toMatch(/^MII/);
  expect(e2e.events('portable.sealed')).toContainEqual(
    expect.objectContaining({ vault: source, runId: first.runId, stored: 5 }),
  );
});

describe('a copy', () => {
  test('holds the current and the last versions, oldest first, with all that belongs to them', async () => {
    const { content, header } = await opened(first, 'secrets/db-password');
    expect(content.versions.at(-1)?.value).toBe('three');
    expect(content.versions).toHaveLength(3);
    expect(content.versions[0]).toMatchObject({
      contentType: 'text/plain',
      tags: { team: 'x' },
      enabled: true,
      notBefore: longAgo,
      expires: far,
      created: longAgo,
    });
    expect(header).toMatchObject({ vault: source, name: 'db-password', runId: first.runId });
    expect(first.line('secrets/db-password').leftOut).toEqual({ older: 1, disabled: 0 });
  });

  test('of 25 KB is whole', async () => {
    expect((await opened(first, 'secrets/large')).content.versions[0]?.value).toBe(large);
  });

  test('of a certificate holds its key, in PFX or PEM, and its policy', async () => {
    const www = (await opened(first, 'certificates/www')).content;
    expect(www.versions).toHaveLength(2);
    expect(www.versions.map(({ contentType }) => contentType)).toEqual(Array(2).fill('application/x-pkcs12'));
    expect(www.policy?.issuer?.name).toBe('Self');
    const mail = (await opened(first, 'certificates/mail')).content;
    expect(mail.versions[0]?.value).toMatch(/BEGIN PRIVATE KEY[^]*BEGIN CERTIFICATE/);
  });

  test('has the digest and size of its line, and lies in immutable storage', async () => {
    const { blob, sha256: digest, size } = first.line('secrets/db-password');
    const bytes = await bytesOf(blob);
    expect([sha256(bytes), bytes.length]).toEqual([digest, size]);
    const client = e2e.stack.container('backups').getBlockBlobClient(blob ?? '');
    await expect(client.delete()).rejects.toThrow(/BlobImmutableDueToPolicy|immutable/i);
  });
});

test('what did not change is carried, what did is copied anew, and a secret that was disabled since is kept disabled', async () => {
  const { secrets } = e2e.operator(source);
  await secrets.setSecret('db-password', 'four');
  const { version = '' } = (await secrets.getSecret('later-locked')).properties;
  await secrets.updateSecretProperties('later-locked', version, { enabled: false });
  const second = await e2e.copyNow();
  expect(second.copies).toMatchObject({ status: 'complete', previous: { runId: first.runId } });
  expect(second.line('secrets/large')).toEqual({ ...first.line('secrets/large'), outcome: 'carried' });
  expect(second.line('certificates/www')).toMatchObject({ outcome: 'carried', runId: first.runId });
  expect(second.line('secrets/db-password')).toMatchObject({ outcome: 'stored', runId: second.runId });
  expect((await opened(second, 'secrets/db-password')).content.versions.at(-1)?.value).toBe('four');
  expect(second.line('secrets/later-locked')).toMatchObject({ outcome: 'carried', enabled: false });
  expect((await opened(second, 'secrets/later-locked')).content.versions[0]?.value).toBe('still known');
});

test('copies are verified like every stored backup: what was altered behind the proxy is found', async () => {
  const behind = BlobServiceClient.fromConnectionString(e2e.stack.azurite.connectionString);
  const { blob } = first.line('secrets/large');
  const bytes = await bytesOf(blob);
  const altered = Buffer.concat([bytes.subarray(0, -20), bytes.subarray(-10), bytes.subarray(-10)]);
  const client = behind.getContainerClient('backups').getBlockBlobClient(blob ?? '');
  const { metadata = {} } = await client.getProperties();
  const verify = async () => {
    const asked = await e2e.call('POST', 'verifications', { vault: source });
    return waitFor(async () => {
      const { body } = await e2e.call('GET', `verifications/${String(asked.body['id'])}`);
      return body['status'] !== 'running' && body;
    });
  };
  expect(await verify()).toMatchObject({ status: 'sound', findings: [], unnamed: { stranger: 0 } });
  await client.uploadData(altered, { metadata });
  expect(await verify()).toMatchObject({
    status: 'failed',
    findings: [{ what: 'corrupt', blob, object: 'secrets/large' }],
  });
  await client.uploadData(bytes, { metadata });
});

test('after the recipient’s key was rotated, new copies are made for its new version, and all anew', async () => {
  const before = first.line('secrets/large').recipients;
  await e2e.operator(recovery).keys.createRsaKey('portable', { keySize: 2048 });
  const third = await e2e.copyNow();
  const after = third.line('secrets/large').recipients;
  expect(third.line('secrets/large').outcome).toBe('stored');
  expect(after[0]).not.toBe(before[0]);
  expect(after[1]).toBe(before[1]);
});

test('no value is read by anybody but the portable app, and that app cannot unwrap', () => {
  const rows = e2e.stack.emulator.control.counters().rows;
  const readers = new Set(
    rows.filter(({ operation }) => operation === 'secrets.get').map(({ identity }) => identity),
  );
  expect([...readers].filter((name) => name !== 'operator')).toEqual(['portable']);
  const asked = new Set(
    rows.filter(({ identity }) => identity === 'portable').map(({ operation }) => operation),
  );
  expect([...asked].toSorted()).toEqual([
    'certificates.get',
    'certificates.list',
    'certificates.versions',
    'keys.get',
    'secrets.get',
    'secrets.versions',
  ]);
});

test('an object that the vault refuses is named, and the rest is copied', async () => {
  const { control } = e2e.stack.emulator;
  await e2e.operator(source).secrets.setSecret('db-password', 'five');
  const kind = { status: 400, code: 'BadParameter' };
  const fault = control.addFault({ vault: source, operation: 'secrets.get', name: 'db-password', kind });
  const copies = await e2e.copyNow();
  control.removeFault(fault);
  expect(copies.copies).toMatchObject({ status: 'partial', counts: { failed: 1 } });
  expect(copies.line('secrets/db-password')).toMatchObject({ outcome: 'failed', blob: null });
  expect(e2e.events('portable.partial')).toContainEqual(
    expect.objectContaining({ runId: copies.runId, failed: 1 }),
  );
});

test('without the recipient’s key nothing is copied, and everybody is told', async () => {
  await e2e.operator(recovery).keys.beginDeleteKey('portable');
  const copies = await e2e.copyNow();
  expect(copies.copies.status).toBe('failed');
  expect(copies.copies.reason).toMatch(/notFound.*keys\/portable/);
  expect(e2e.events('portable.failed')).toContainEqual(
    expect.objectContaining({ runId: copies.runId, reason: expect.stringContaining('keys/portable') }),
  );
});
