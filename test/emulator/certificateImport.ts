/** What an imported certificate says about itself: the policy the service derives from it. */
import type { JsonWebKey } from 'node:crypto';
import { curveBits, rsaBits } from './keyMaterial.ts';
import type { CertificatePolicy } from './model.ts';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
} from './x509.ts';

export interface Imported {
  nbf: number;
  exp: number;
  policy: Pick<CertificatePolicy, 'key_props' | 'x509_props'>;
}

export function describe(cer: string, jwk: JsonWebKey): Imported {
  const certificate = new X509Certificate(Buffer.from(cer, 'base64'));
  const { notBefore, notAfter } = certificate;
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages ?? 0;
  const months =
    (notAfter.getUTCFullYear() - notBefore.getUTCFullYear()) * 12 +
    (notAfter.getUTCMonth() - notBefore.getUTCMonth());
  return {
    nbf: Math.floor(notBefore.getTime() / 1000),
    exp: Math.floor(notAfter.getTime() / 1000),
    policy: {
      key_props: keyProps(jwk),
      x509_props: {
        subject: windowsOrder(certificate.subject),
        ekus: (certificate.getExtension(ExtendedKeyUsageExtension)?.usages ?? []).map(String),
        key_usage: usageNames.filter((name) => (usages & KeyUsageFlags[name]) !== 0),
        validity_months: Math.max(1, months),
        basic_constraints: { ca: certificate.getExtension(BasicConstraintsExtension)?.ca ?? false },
      },
    },
  };
}

const usageNames = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

function keyProps(jwk: JsonWebKey): CertificatePolicy['key_props'] {
  if (jwk.kty === 'RSA') return { exportable: true, kty: 'RSA', key_size: rsaBits(jwk), reuse_key: false };
  const crv = jwk.crv === 'secp256k1' ? 'P-256K' : (jwk.crv ?? '');
  return { exportable: true, kty: 'EC', key_size: curveBits[crv] ?? 256, reuse_key: false, crv };
}

/** Windows writes the name from its last part to its first, and S= for the state. */
function windowsOrder(subject: string): string {
  return subject
    .split(/,\s*(?=[A-Za-z0-9.]+=)/)
    .reverse()
    .join(', ')
    .replaceAll(/(^|, )ST=/g, '$1S=');
}
