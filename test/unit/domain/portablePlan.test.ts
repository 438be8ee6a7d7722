/** `portable` of a plan: who may be a recipient, and what each mistake is answered with. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parsePlans } from '../../../shared/domain/plans.ts';

const pemOf = (modulusLength: number) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  return {
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
};
const good = pemOf(2048);
const keyId = 'https://contoso-recovery.vault.azure.net/keys/portable';

function parse(portable: unknown) {
  const plan = {
    name: 'payments',
    schedule: '0 0 2 * * *',
    vaults: ['contoso'],
    justification: 'a test of portable copies',
    portable,
  };
  return parsePlans(JSON.stringify([plan]), 'BACKUP_PLANS', 'public');
}

describe('recipients', () => {
  test('are key ids, with a version or without, and offline public keys by their thumbprint', () => {
    const versioned = `${keyId}/${'0'.repeat(32)}`;
    const { plans, problems } = parse({ recipients: [keyId, versioned, { publicKey: good.publicKey }] });
    expect(problems).toEqual([]);
    expect(plans[0]?.portable).toEqual({
      recipients: [
        keyId,
        versioned,
        { kid: expect.stringMatching(/^[\w-]{43}$/), n: expect.any(String), e: 'AQAB' },
      ],
      versions: 0,
      include: ['**'],
      exclude: [],
    });
  });

  test.each<[string, unknown]>([
    ['none', []],
    ['a key of another service', ['https://contoso.vault.azure.net/secrets/portable']],
    ['a key without https', ['http://contoso.vault.azure.net/keys/portable']],
    ['no key', [{ publicKey: 'nonsense' }]],
    ['a short key', [{ publicKey: pemOf(1024).publicKey }]],
    [
      'an EC key',
      [
        {
          publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
            format: 'pem',
            type: 'spki',
          }),
        },
      ],
    ],
    ['a private key, which has no business in settings', [{ publicKey: good.privateKey }]],
  ])('cannot be %s', (_what, recipients) => {
    const { problems } = parse({ recipients });
    expect(problems.join()).toMatch(/portable\.recipients.*(recipient|write)/s);
    expect(problems.join()).not.toContain(good.privateKey.slice(40, 80));
  });
});

test('without portable no plan has any', () => {
  expect(parse(undefined).plans[0]?.portable).toBeNull();
});

test.each([
  { versions: -1 },
  { versions: 501 },
  { include: ['nothing'] },
  { exclude: ['secrets/'] },
  { recipient: keyId },
])('%j is refused', (wrong) => {
  expect(parse({ recipients: [keyId], ...wrong }).problems).not.toEqual([]);
});
