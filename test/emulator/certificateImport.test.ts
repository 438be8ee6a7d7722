import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, start } from './testing.ts';

let running: Running;
beforeAll(async () => {
  running = await start();
});
afterAll(() => running.stop());

describe('importing a certificate', () => {
  it('takes PFX and PEM, derives the policy, and has no pending operation', async () => {
    await running.control.seed.certificate('v1', {
      name: 'source',
      subject: 'CN=a, OU=b, S=d, O=c',
      kty: 'RSA',
    });
    const pfx = (await running.raw('GET', '/secrets/source/')).json['value'];
    const imported = await running.raw('POST', '/certificates/from-pfx/import', { value: pfx });
    expect(imported.status).toBe(200);
    expect(imported.json).not.toHaveProperty('pending');
    expect(imported.json['policy']).toMatchObject({
      issuer: { name: 'Unknown' },
      x509_props: { subject: 'CN=a, OU=b, S=d, O=c', validity_months: 12 },
      key_props: { kty: 'RSA', key_size: 2048 },
      lifetime_actions: [{ action: { action_type: 'EmailContacts' } }],
    });
    const pem = (await running.raw('GET', '/secrets/source/?outContentType=application/x-pem-file')).json[
      'value'
    ];
    const asPem = { secret_props: { contentType: 'application/x-pem-file' }, issuer: { name: 'Self' } };
    const second = await running.raw('POST', '/certificates/from-pem/import', { value: pem, policy: asPem });
    expect(second.json['cer']).toBe(imported.json['cer']);
    expect(second.json['policy']?.['lifetime_actions']?.[0]?.['action']?.['action_type']).toBe('AutoRenew');
    const certificateOnly = (pem ?? '').slice((pem ?? '').indexOf('-----BEGIN CERT'));
    const refused = await running.raw('POST', '/certificates/no-key/import', {
      value: certificateOnly,
      policy: asPem,
    });
    expect(refused.json['error']?.['message']).toContain('No certificate with private key found');
    const locked = await running.raw('POST', '/certificates/locked/import', { value: pfx, pwd: 'wrong' });
    expect([locked.status, locked.json['error']?.['code']]).toEqual([400, 'BadParameter']);
  });
});

describe('contacts and issuers', () => {
  it('are kept per vault, returned by their DELETE, and then missing with codes of their own', async () => {
    const missing = await running.raw('GET', '/certificates/contacts');
    expect(missing.json['error']).toEqual({ code: 'ContactsNotFound', message: 'Contacts not found' });
    const contacts = [{ email: 'a@b.c', name: 'A' }, { email: 'a@b.c' }];
    const set = await running.raw('PUT', '/certificates/contacts', { contacts });
    expect(set.json['contacts']).toEqual(contacts);
    expect((await running.raw('DELETE', '/certificates/contacts')).json['contacts']).toEqual(contacts);
    expect((await running.raw('GET', '/certificates/contacts')).status).toBe(404);

    const admin = { first_name: 'A', last_name: 'B', email: 'a@b.c', phone: '1' };
    const body = {
      provider: 'Test',
      credentials: { account_id: 'x', pwd: 'y' },
      org_details: { admin_details: [admin] },
    };
    const issuer = await running.raw('PUT', '/certificates/issuers/ca1', body);
    expect(issuer.json).toMatchObject({
      id: expect.stringMatching(/\/certificates\/issuers\/ca1$/),
      provider: 'Test',
      credentials: { account_id: 'x' },
      org_details: { zip: 0, admin_details: [admin] },
      attributes: { enabled: true },
    });
    expect(issuer.text).not.toContain('pwd');
    const listed = (await running.raw('GET', '/certificates/issuers')).json;
    expect(listed['value']).toEqual([{ id: issuer.json['id'], provider: 'Test' }]);
    await running.raw('PATCH', '/certificates/issuers/ca1', { attributes: { enabled: false } });
    expect((await running.raw('DELETE', '/certificates/issuers/ca1')).json['attributes']).toMatchObject({
      enabled: false,
    });
    const gone = await running.raw('GET', '/certificates/issuers/ca1');
    expect(gone.json['error']).toEqual({ code: 'CertificateIssuerNotFound', message: 'Issuer not found' });
  });
});

describe('the SDK client', () => {
  it('creates, polls, reads and deletes a certificate', async () => {
    const other = await start();
    const client = other.certificates();
    const poller = await client.beginCreateCertificate(
      'sdk',
      { issuerName: 'Self', subject: 'CN=sdk', keyType: 'EC' },
      { intervalInMs: 1 },
    );
    const made = await poller.pollUntilDone();
    expect(made.policy?.subject).toBe('CN=sdk');
    expect(made.cer?.length).toBeGreaterThan(100);
    await (await client.beginDeleteCertificate('sdk', { intervalInMs: 1 })).pollUntilDone();
    const names = [];
    for await (const { name } of client.listDeletedCertificates()) names.push(name);
    expect(names).toEqual(['sdk']);
    await other.stop();
  });
});
