import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from './certificateMaking.ts';
import { makeEc } from './keyMaterial.ts';
import { type Running, start } from './testing.ts';

let running: Running;
let time = Date.UTC(2026, 0, 15);
beforeAll(async () => {
  running = await start({ now: () => time, certificateIssueMs: 3000 });
});
afterAll(() => running.stop());

const policy = {
  issuer: { name: 'Self' },
  x509_props: { subject: 'CN=web, O=Contoso' },
  key_props: { kty: 'EC' },
};

async function issue(name: string, body: object = { policy }): Promise<void> {
  expect((await running.raw('POST', `/certificates/${name}/create`, body)).status).toBe(202);
  time += 3000;
}

describe('creating a certificate', () => {
  it('answers 202, is pending without cer, then completes', async () => {
    const created = await running.raw('POST', '/certificates/web/create', { policy });
    expect([created.status, created.headers['retry-after']]).toEqual([202, '10']);
    const { origin } = new URL(running.vaults[0]?.url ?? '');
    const requestId = created.json['request_id'] ?? '';
    expect(created.headers['location']).toBe(
      `${origin}/certificates/web/pending?api-version=7.5&request_id=${requestId}`,
    );
    expect(created.json).toMatchObject({
      id: `${origin}/certificates/web/pending`,
      issuer: { name: 'Self' },
      cancellation_requested: false,
      status: 'inProgress',
    });
    expect(created.json['status_details']).toContain('Certificate request is in progress.');
    const poll = await running.raw('GET', '/certificates/web/pending');
    expect([poll.headers['retry-after'], poll.json['status']]).toEqual(['10', 'inProgress']);
    expect((await running.raw('GET', '/certificates/web/pending?request_id=00')).status).toBe(404);

    const early = (await running.raw('GET', '/certificates/web/')).json;
    for (const member of ['kid', 'sid', 'x5t', 'cer']) expect(early).not.toHaveProperty(member);
    expect(early['attributes']).toMatchObject({ enabled: false });
    expect((await running.raw('GET', '/certificates')).json['value']).toEqual([]);
    expect((await running.raw('GET', '/certificates?includePending=true')).json['value']).toHaveLength(1);
    const secret = (await running.raw('GET', '/secrets')).json['value']?.[0];
    expect(secret).toMatchObject({ managed: true, attributes: { enabled: false } });
    const again = await running.raw('POST', '/certificates/web/create', { policy });
    expect([again.status, again.json['error']?.['code']]).toEqual([409, 'Forbidden']);

    time += 3000;
    const done = await running.raw('GET', '/certificates/web/pending');
    expect(done.headers).not.toHaveProperty('retry-after');
    expect(done.json).toMatchObject({ status: 'completed', target: `${origin}/certificates/web` });
    expect(done.json).not.toHaveProperty('status_details');

    const bundle = (await running.raw('GET', '/certificates/web/')).json;
    const created_ = Number(bundle['attributes']?.['created']);
    expect(bundle['attributes']).toMatchObject({
      enabled: true,
      nbf: created_ - 600,
      exp: Date.UTC(2027, 0, 15) / 1000,
    });
    expect(bundle['kid']?.replace('/keys/', '/certificates/')).toBe(bundle['id']);
    expect(bundle['sid']?.replace('/secrets/', '/certificates/')).toBe(bundle['id']);
    expect(bundle['x5t']).toHaveLength(27);
    expect(bundle['pending']).toEqual({ id: `${origin}/certificates/web/pending` });
    const x509 = new X509Certificate(Buffer.from(bundle['cer'] ?? '', 'base64'));
    expect(x509.subject).toContain('O=Contoso');
    expect(x509.verify(x509.publicKey)).toBe(true);
  });

  it('fills in the recorded policy defaults', async () => {
    await issue('defaults', { policy: { issuer: { name: 'Unknown' }, x509_props: { subject: 'CN=d' } } });
    const { json } = await running.raw('GET', '/certificates/defaults/policy');
    expect(json).toMatchObject({
      key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
      secret_props: { contentType: 'application/x-pkcs12' },
      x509_props: {
        subject: 'CN=d',
        ekus: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
        key_usage: ['digitalSignature', 'keyEncipherment'],
        validity_months: 12,
        basic_constraints: { ca: false },
      },
      lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: 'EmailContacts' } }],
      issuer: { name: 'Unknown' },
    });
    expect(json['x509_props']).not.toHaveProperty('sans');
  });

  it('can be cancelled, and its operation deleted', async () => {
    await running.raw('POST', '/certificates/cancelled/create', { policy });
    const patched = await running.raw('PATCH', '/certificates/cancelled/pending', {
      cancellation_requested: true,
    });
    expect(patched.json).toMatchObject({ cancellation_requested: true, status: 'inProgress' });
    time += 3000;
    const polled = await running.raw('GET', '/certificates/cancelled/pending');
    expect(polled.json['status']).toBe('cancelled');
    for (const member of ['status_details', 'target']) expect(polled.json).not.toHaveProperty(member);
    expect((await running.raw('DELETE', '/certificates/cancelled/pending')).status).toBe(200);
    const gone = await running.raw('GET', '/certificates/cancelled/pending');
    expect(gone.json['error']).toEqual({
      code: 'PendingCertificateNotFound',
      message: 'Pending certificate not found: cancelled',
    });
  });

  it('is merged with 201 when the certificate fits the key', async () => {
    const own = { issuer: { name: 'Unknown' }, x509_props: { subject: 'CN=m' }, key_props: { kty: 'EC' } };
    await running.raw('POST', '/certificates/merged/create', { policy: own });
    const inside = running.control.objects('v1').certificates.find(({ name }) => name === 'merged');
    const version = inside?.versions[0];
    if (inside === undefined || version === undefined) throw new Error('no pending version');
    const window = { nbf: time / 1000, exp: time / 1000 + 86_400 };
    const foreign = await selfSigned(await makeEc('P-256'), inside.policy, window);
    expect((await running.raw('POST', '/certificates/merged/pending/merge', { x5c: [foreign] })).status).toBe(
      400,
    );
    const fitting = await selfSigned(version.jwk, inside.policy, window);
    const merged = await running.raw('POST', '/certificates/merged/pending/merge', { x5c: [fitting] });
    expect(merged.status).toBe(201);
    expect(merged.headers['location']).toMatch(/\/certificates\/merged\?api-version=7\.5$/);
    expect(merged.json).toMatchObject({ cer: fitting, attributes: { enabled: true, ...window } });
  });

  it('needs a name free of keys and secrets, and an issuer the vault knows', async () => {
    running.control.seed.secret('v1', { name: 'taken', value: 'x' });
    expect((await running.raw('POST', '/certificates/taken/create', { policy })).status).toBe(409);
    const foreign = { ...policy, issuer: { name: 'NoSuchIssuer' } };
    expect((await running.raw('POST', '/certificates/foreign/create', { policy: foreign })).status).toBe(400);
  });
});

describe('a certificate', () => {
  it("has a managed key and secret that refuse what is the certificate's", async () => {
    await issue('managed');
    const secret = (await running.raw('GET', '/secrets/managed/')).json;
    expect(secret).toMatchObject({ managed: true, contentType: 'application/x-pkcs12' });
    createSecureContext({ pfx: Buffer.from(secret['value'] ?? '', 'base64'), passphrase: '' });
    const pem = (await running.raw('GET', '/secrets/managed/?outContentType=application/x-pem-file')).json;
    createSecureContext({ cert: pem['value'], key: pem['value'] });
    const key = (await running.raw('GET', '/keys/managed/')).json;
    expect([key['managed'], key['key']?.['kid']]).toEqual([true, secret['kid']]);
    const calls: [string, string, unknown, string][] = [
      ['DELETE', '/secrets/managed', undefined, 'SecretManagedByKeyVault'],
      ['DELETE', '/keys/managed', undefined, 'KeyManagedByKeyVault'],
      ['POST', '/secrets/managed/backup', undefined, 'SecretManagedByKeyVault'],
      ['POST', '/keys/managed/backup', undefined, 'KeyManagedByKeyVault'],
      ['PUT', '/secrets/managed', { value: 'x' }, 'SecretManagedByKeyVault'],
      ['PATCH', '/secrets/managed/', {}, 'SecretManagedByKeyVault'],
      ['POST', '/keys/managed/create', { kty: 'EC' }, 'KeyManagedByKeyVault'],
      ['POST', '/keys/managed/rotate', undefined, 'KeyManagedByKeyVault'],
    ];
    for (const [method, path, body, code] of calls) {
      const answer = await running.raw(method, path, body);
      expect([
        answer.status,
        answer.json['error']?.['code'],
        answer.json['error']?.['innererror']?.['code'],
      ]).toEqual([403, 'Forbidden', code]);
    }
    const listed = (await running.raw('GET', '/keys')).json['value'] ?? [];
    expect(listed.find((item) => item['kid']?.endsWith('/managed'))?.['managed']).toBe(true);
  });

  it('takes its key and secret along when it is deleted and recovered', async () => {
    await issue('along');
    await running.raw('DELETE', '/certificates/along');
    expect((await running.raw('GET', '/keys/along/')).status).toBe(404);
    expect((await running.raw('GET', '/secrets/along/')).status).toBe(404);
    expect((await running.raw('POST', '/deletedcertificates/along/recover')).json).toHaveProperty('pending');
    expect((await running.raw('GET', '/secrets/along/')).status).toBe(200);
    await running.raw('DELETE', '/certificates/along');
    expect((await running.raw('DELETE', '/deletedcertificates/along')).status).toBe(204);
    expect((await running.raw('PUT', '/secrets/along', { value: 'x' })).status).toBe(200);
  });

  it('ignores a sent expiry, and keeps its `updated` when only the policy changes', async () => {
    await issue('times');
    const before = (await running.raw('GET', '/certificates/times/')).json['attributes'];
    time += 4000;
    const renewal = {
      lifetime_actions: [{ trigger: { days_before_expiry: 9 }, action: { action_type: 'EmailContacts' } }],
    };
    const changed = (await running.raw('PATCH', '/certificates/times/policy', renewal)).json;
    expect(changed['attributes']).toMatchObject({ updated: time / 1000 });
    expect(changed['lifetime_actions']?.[0]?.['trigger']).toEqual({ days_before_expiry: 9 });
    expect((await running.raw('GET', '/certificates/times/')).json['attributes']).toEqual(before);
    const patched = await running.raw('PATCH', '/certificates/times/', {
      attributes: { exp: 4_000_000_000, enabled: false },
    });
    expect(patched.json['attributes']).toMatchObject({
      exp: before?.['exp'],
      updated: time / 1000,
      enabled: false,
    });
    expect((await running.raw('GET', '/certificates/times/')).status).toBe(200);
    expect((await running.raw('GET', '/secrets/times/')).status).toBe(403);
  });

  it('is renewed as a new version that becomes visible when it is issued', async () => {
    await issue('renewed');
    const first = (await running.raw('GET', '/certificates/renewed/')).json['id'];
    await running.raw('POST', '/certificates/renewed/create', { policy });
    expect((await running.raw('GET', '/certificates/renewed/')).json['id']).toBe(first);
    time += 3000;
    expect((await running.raw('GET', '/certificates/renewed/')).json['id']).not.toBe(first);
    expect((await running.raw('GET', '/secrets/renewed/versions')).json['value']).toHaveLength(2);
  });

  it('shows no private key in its secret when it is not exportable', async () => {
    await running.control.seed.certificate('v1', {
      name: 'sealed',
      exportable: false,
      contentType: 'application/x-pem-file',
    });
    expect((await running.raw('GET', '/secrets/sealed/')).json['value']).not.toContain('PRIVATE KEY');
  });
});
