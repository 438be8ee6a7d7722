/**
 * Restores by portable copies through everything real, out of the geography and out of the subscription: values, keys
 * and attributes are equal, what cannot travel is named, and what is new by nature is said. Inside the geography `auto`
 * goes natively and keeps version ids.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPfx } from '../emulator/pfx.ts';
import { type PortableE2e, source, startPortableE2e } from './portableHarness.ts';

let e2e: PortableE2e;
const longAgo = 1_700_000_000;
const far = 4_102_444_800; // 2100: beyond what 32 bits hold
const large = 'ä'.repeat(25_600);
const abroad = { spec: { geography: 'Asia Pacific', region: 'eastasia' } };
const elsewhere = { spec: { subscription: '99999999-9999-4999-8999-999999999999' } };

beforeAll(async () => {
  e2e = await startPortableE2e(
    {
      far: abroad,
      issued: abroad,
      near: {},
      other: elsewhere,
      held: elsewhere,
    },
    { versions: 99 },
  );
  const { seed } = e2e.stack.emulator.control;
  seed.secret(source, {
    name: 'db-password',
    value: 'three',
    versions: 3,
    contentType: 'text/plain',
    tags: { team: 'x' },
    notBefore: longAgo,
    expires: far,
    created: longAgo,
  });
  seed.secret(source, { name: 'large', value: large, created: longAgo });
  seed.secret(source, { name: 'long-history', value: 'newest', versions: 101, created: longAgo });
  seed.secret(source, { name: 'locked', value: 'known before', created: longAgo });
  await seed.key(source, { name: 'signing', kty: 'EC', created: longAgo });
  await seed.certificate(source, {
    name: 'www',
    kty: 'EC',
    versions: 2,
    tags: { site: 'a' },
    created: longAgo,
  });
  await seed.certificate(source, {
    name: 'mail',
    kty: 'RSA',
    contentType: 'application/x-pem-file',
    created: longAgo,
  });
  await seed.certificate(source, { name: 'vpn', kty: 'EC', exportable: false, created: longAgo });
  await seed.certificate(source, { name: 'bought', kty: 'EC', created: longAgo });
  const { certificates, secrets } = e2e.operator(source);
  await certificates.createIssuer('contoso-ca', 'Test');
  await certificates.updateCertificatePolicy('bought', { issuerName: 'contoso-ca', subject: 'CN=bought' });
  await e2e.copyNow();
  const { version = '' } = (await secrets.getSecret('locked')).properties;
  await secrets.updateSecretProperties('locked', version, { enabled: false });
  await e2e.copyNow();
});
afterAll(() => e2e?.stop());

const restore = (target: string, request: Record<string, unknown> = {}) =>
  e2e.restore({ vault: source, objects: ['**'], target, mode: 'portable', ...request });
const by = (detail: Awaited<ReturnType<typeof restore>>) =>
  Object.fromEntries(detail.objects.map(({ object, action, outcome }) => [object, [action, outcome]]));
const objectOf = (detail: Awaited<ReturnType<typeof restore>>, object: string) =>
  detail.objects.find((one) => one.object === object) as Record<string, unknown> | undefined;
const inside = (vault: string) => e2e.stack.emulator.control.objects(vault);
const secretIn = (vault: string, name: string) => inside(vault).secrets.find((one) => one.name === name);

const everything = {
  'secrets/db-password': ['restore', 'restored'],
  'secrets/large': ['restore', 'restored'],
  'secrets/long-history': ['restore', 'restored'],
  'secrets/locked': ['restore', 'restored'],
  'certificates/www': ['restore', 'restored'],
  'certificates/mail': ['restore', 'restored'],
  'certificates/bought': ['restore', 'differs'],
  'certificates/vpn': ['blocked', 'blocked'],
  'keys/signing': ['blocked', 'blocked'],
};

async function expectSecrets(target: string) {
  const { secrets } = e2e.operator(target);
  const { value, properties } = await secrets.getSecret('db-password');
  expect(value).toBe('three');
  expect(properties).toMatchObject({ contentType: 'text/plain', tags: { team: 'x' }, enabled: true });
  expect(properties.expiresOn?.getTime()).toBe(far * 1000);
  expect(properties.notBefore?.getTime()).toBe(longAgo * 1000);
  const values = (name: string) => secretIn(target, name)?.versions.map((version) => version.value);
  // Seeded in one second, within which no listing tells the order of past versions.
  expect(values('db-password')?.slice(0, -1).toSorted()).toEqual(['three-v1', 'three-v2']);
  expect(values('db-password')?.at(-1)).toBe('three');
  expect(values('large')).toEqual([large]);
  expect(secretIn(target, 'locked')?.versions).toMatchObject([{ value: 'known before', enabled: false }]);
}

async function expectCertificates(target: string) {
  const [from, to] = [e2e.operator(source), e2e.operator(target)];
  const pfx = async ({ secrets }: typeof from) => readPfx((await secrets.getSecret('www')).value ?? '', '');
  expect(await pfx(to)).toEqual(await pfx(from));
  expect((await to.secrets.getSecret('mail')).value).toBe((await from.secrets.getSecret('mail')).value);
  const [before, after] = await Promise.all(
    [from, to].map(({ certificates }) => certificates.getCertificate('www')),
  );
  expect(after?.properties.x509Thumbprint).toEqual(before?.properties.x509Thumbprint);
  expect(after?.properties.tags).toEqual({ site: 'a' });
  expect(after?.policy).toMatchObject({ issuerName: 'Self', exportable: true, keyType: 'EC' });
  expect(inside(target).certificates.find(({ name }) => name === 'www')?.versions).toHaveLength(2);
}

describe('into another geography', () => {
  test('Key Vault’s own blobs are refused before anything is sent', async () => {
    const detail = await restore('far', { mode: 'native' });
    expect(detail.status).toBe('failed');
    for (const { action, why } of detail.objects)
      expect([action, why]).toEqual(['blocked', expect.stringMatching(/^wrongGeography: .*portable/)]);
    expect(e2e.stack.emulator.control.writes('far')).toBe(0);
  });

  test('auto brings by its copy what may leave, and names the rest', async () => {
    const detail = await restore('far', { mode: 'auto' });
    expect(by(detail)).toEqual(everything);
    expect(detail.status).toBe('partial');
    expect(objectOf(detail, 'secrets/db-password')).toMatchObject({
      via: 'portable',
      changed: ['version ids', 'created and updated dates'],
    });
    expect(objectOf(detail, 'secrets/long-history')?.['changed']).toContain(
      '1 older versions are not in the copy',
    );
    expect(objectOf(detail, 'keys/signing')?.['why']).toMatch(/never leaves/);
    expect(objectOf(detail, 'certificates/vpn')?.['why']).toMatch(/notExportable/);
  });

  test('values, history, dates, tags and state are equal; the newest version is the current one', () =>
    expectSecrets('far'));

  test('a secret with more than a hundred versions comes with the last hundred, each once', () => {
    const values = secretIn('far', 'long-history')?.versions.map(({ value }) => value);
    expect(values).toHaveLength(100);
    expect(new Set(values).size).toBe(100);
    expect(values?.at(-1)).toBe('newest');
  });

  test('certificates come with their private keys, chain, tags and policy, in both forms', () =>
    expectCertificates('far'));

  test('an issuer that the target lacks is told, with what to do; with it, the reference comes too', async () => {
    const detail = await restore('issued', { objects: ['certificates/bought'], dryRun: true });
    expect(by(detail)).toEqual({ 'certificates/bought': ['restore', undefined] });
    await e2e.operator('issued').certificates.createIssuer('contoso-ca', 'Test');
    expect(by(await restore('issued', { objects: ['certificates/bought'] }))).toEqual({
      'certificates/bought': ['restore', 'restored'],
    });
    const { policy } = await e2e.operator('issued').certificates.getCertificate('bought');
    expect(policy?.issuerName).toBe('contoso-ca');
    expect((await e2e.operator('far').certificates.getCertificate('bought')).policy?.issuerName).toBe(
      'Unknown',
    );
  });
});

test('inside the geography auto goes natively, and version ids stay', async () => {
  const detail = await restore('near', { mode: 'auto' });
  expect(detail).toMatchObject({ status: 'complete' });
  expect(objectOf(detail, 'secrets/db-password')).toMatchObject({ via: 'native' });
  expect(secretIn('near', 'db-password')?.versions.map(({ id }) => id)).toEqual(
    secretIn(source, 'db-password')?.versions.map(({ id }) => id),
  );
});

describe('into another subscription of the same geography', () => {
  const posts = (vault: string, status: number) =>
    e2e.stack.emulator.control
      .counters()
      .rows.filter(
        (row) => row.vault === vault && row.operation.endsWith('.restore') && row.status === status,
      )
      .reduce((sum, { count }) => sum + count, 0);

  test('Key Vault’s own blobs are refused: the first object finds out, and no other is tried', async () => {
    const detail = await restore('other', { mode: 'native' });
    expect(detail).toMatchObject({ status: 'failed', reason: expect.stringMatching(/^wrongGeography/) });
    for (const { outcome, reason } of detail.objects)
      expect([outcome, reason]).toEqual(['failed', expect.stringMatching(/^wrongGeography/)]);
    expect(posts('other', 400)).toBe(1);
    expect(e2e.stack.emulator.control.writes('other')).toBe(0);
  });

  test('auto finds out in the same way and goes on by copies, equal in all that may leave', async () => {
    // Its hundred versions would only take time.
    const objects = Object.keys(everything).filter((object) => object !== 'secrets/long-history');
    const detail = await restore('other', { mode: 'auto', objects });
    const { 'secrets/long-history': _history, ...others } = everything;
    expect(by(detail)).toEqual({
      ...others,
      'certificates/vpn': ['restore', 'blocked'],
      'keys/signing': ['restore', 'blocked'],
    });
    expect(posts('other', 400)).toBe(2);
    await expectSecrets('other');
    await expectCertificates('other');
  });

  test('auto lets a taken name be replaced by the copy, on top of what is there', async () => {
    await e2e.operator('held').secrets.setSecret('large', 'of the target');
    const request = { mode: 'auto', objects: ['secrets/large'], onConflict: 'replace' };
    const detail = await restore('held', request);
    expect(by(detail)).toEqual({ 'secrets/large': ['replace', 'replaced'] });
    expect(objectOf(detail, 'secrets/large')).toMatchObject({ via: 'portable' });
    expect(secretIn('held', 'large')?.versions.map(({ value }) => value)).toEqual(['of the target', large]);
  });
});
