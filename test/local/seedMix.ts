/**
 * A vault as one meets it: about 150 objects in every state that backs up, with odd but legal names, and more than one
 * list page (25) of each kind. A certificate brings a managed key and a managed secret of its name, which are listed too.
 */
import { randomBytes } from 'node:crypto';
import type { EmulatorControl } from '../emulator/emulator.ts';
import type { SeedCertificate, SeedKey, SeedSecret } from '../emulator/seed.ts';

const daySeconds = 86_400;
/** The service's limit for a secret's value. */
const longestValue = 25 * 1024;

const numbered = <T>(count: number, make: (number: string, index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(String(index + 1).padStart(2, '0'), index));

const password = (): string => randomBytes(18).toString('base64url');

function secretsAt(now: number): SeedSecret[] {
  return [
    {
      name: 'db-password',
      value: password(),
      versions: 4,
      contentType: 'text/plain',
      tags: { team: 'payments', owner: 'ledger' },
      created: now - 90 * daySeconds,
      updated: now - 2 * daySeconds,
      expires: now + 180 * daySeconds,
    },
    { name: 'storage-key', value: password(), versions: 12, created: now - 400 * daySeconds },
    { name: 'retired-api-key', value: password(), enabled: false },
    { name: 'retired-and-expired', value: password(), enabled: false, expires: now - 30 * daySeconds },
    {
      name: 'expired-last-year',
      value: password(),
      created: now - 700 * daySeconds,
      expires: now - 365 * daySeconds,
    },
    { name: 'valid-from-next-month', value: password(), notBefore: now + 30 * daySeconds },
    {
      name: 'largest-there-can-be',
      value: 'x'.repeat(longestValue),
      contentType: 'application/octet-stream',
    },
    { name: 'empty-tags', value: '{"user":"svc"}', contentType: 'application/json', tags: {} },
    ...['a', '7', '-', '0-leading-digit', '-leading-dash', 'trailing-dash-', 'MixedCase-Name'].map(
      (name) => ({ name, value: password() }),
    ),
    { name: `l${'o'.repeat(124)}ng`, value: password() },
    ...numbered(38, (number, index) => ({
      name: `service-${number}-connection`,
      value: `Server=db-${number};Password=${password()}`,
      versions: 1 + (index % 3),
      tags: { service: number },
    })),
  ];
}

function keysAt(now: number): SeedKey[] {
  return [
    { name: 'rsa-2048', kty: 'RSA', size: 2048, versions: 3 },
    { name: 'rsa-3072', kty: 'RSA', size: 3072 },
    { name: 'rsa-4096', kty: 'RSA', size: 4096, expires: now + 365 * daySeconds },
    ...['P-256', 'P-384', 'P-521', 'P-256K'].map((crv) => ({ name: `ec-${crv}`, kty: 'EC' as const, crv })),
    {
      name: 'rotated-every-quarter',
      kty: 'RSA',
      versions: 2,
      rotationPolicy: {
        expiryTime: 'P1Y',
        lifetimeActions: [{ trigger: { timeAfterCreate: 'P90D' }, action: { type: 'rotate' } }],
      },
    },
    { name: 'signing-key-disabled', kty: 'EC', crv: 'P-256', enabled: false },
    { name: 'Z', kty: 'EC', crv: 'P-256' },
    ...numbered(7, (number) => ({
      name: `wrapping-key-${number}`,
      kty: 'RSA' as const,
      tags: { ring: number },
    })),
  ];
}

function certificatesAt(now: number): SeedCertificate[] {
  return [
    { name: 'www', kty: 'RSA', subject: 'CN=www.contoso.test', versions: 3 },
    { name: 'pem-format', kty: 'EC', contentType: 'application/x-pem-file' },
    { name: 'not-exportable', kty: 'RSA', exportable: false },
    {
      name: 'expired-certificate',
      kty: 'EC',
      created: now - 500 * daySeconds,
      expires: now - 100 * daySeconds,
    },
    { name: 'disabled-certificate', kty: 'EC', enabled: false },
    ...numbered(22, (number, index) => ({
      name: `host-${number}`,
      kty: index % 2 === 0 ? ('EC' as const) : ('RSA' as const),
      subject: `CN=host-${number}.contoso.test`,
    })),
  ];
}

/** The secret that the demo restores: several versions, tags, an expiry. */
export const shownSecret = 'db-password';

export async function seedMix({ seed }: EmulatorControl, vault: string): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  for (const secret of secretsAt(now)) seed.secret(vault, secret);
  for (const key of keysAt(now)) await seed.key(vault, key);
  for (const certificate of certificatesAt(now)) await seed.certificate(vault, certificate);
}

/** Enough to look at, for a stack that is kept running. */
export async function seedLightly({ seed }: EmulatorControl, vault: string): Promise<void> {
  for (const name of ['db-password', 'api-key', 'connection']) {
    seed.secret(vault, { name, value: password(), versions: 2 });
  }
  await seed.key(vault, { name: 'signing', kty: 'EC', crv: 'P-256' });
  await seed.key(vault, { name: 'wrapping', kty: 'RSA' });
  await seed.certificate(vault, { name: 'www', kty: 'EC', subject: 'CN=www.contoso.test' });
}
