/** Makes X.509: self-signed certificates and signing requests of a policy, by @peculiar/x509. */
import { type JsonWebKey, webcrypto } from 'node:crypto';
import { badParameter } from './errors.ts';
import type { CertificatePolicy, X509Properties } from './model.ts';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from './x509.ts';

type Usages = ('sign' | 'verify')[];

function algorithmOf(jwk: JsonWebKey) {
  if (jwk.kty === 'RSA') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  // Web crypto has no secp256k1; a gap of the emulator (README).
  if (jwk.crv === undefined || jwk.crv === 'secp256k1') {
    throw badParameter('The emulator makes no certificates with P-256K keys.');
  }
  const hash = { 'P-256': 'SHA-256', 'P-384': 'SHA-384', 'P-521': 'SHA-512' }[jwk.crv] ?? 'SHA-256';
  return { name: 'ECDSA', namedCurve: jwk.crv, hash };
}

async function keysOf(jwk: JsonWebKey): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = algorithmOf(jwk);
  const { kty, n, e, crv, x, y } = jwk;
  const publicPart = kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y };
  const take = (key: JsonWebKey, usages: Usages): Promise<webcrypto.CryptoKey> =>
    webcrypto.subtle.importKey('jwk', key as webcrypto.JsonWebKey, algorithm, true, usages);
  return {
    privateKey: await take(jwk, ['sign']),
    publicKey: await take(publicPart as JsonWebKey, ['verify']),
  };
}

const usageFlags: Record<string, number> = {
  digitalSignature: KeyUsageFlags.digitalSignature,
  nonRepudiation: KeyUsageFlags.nonRepudiation,
  keyEncipherment: KeyUsageFlags.keyEncipherment,
  dataEncipherment: KeyUsageFlags.dataEncipherment,
  keyAgreement: KeyUsageFlags.keyAgreement,
  keyCertSign: KeyUsageFlags.keyCertSign,
  cRLSign: KeyUsageFlags.cRLSign,
  encipherOnly: KeyUsageFlags.encipherOnly,
  decipherOnly: KeyUsageFlags.decipherOnly,
};

function extensionsOf(properties: X509Properties): Extension[] {
  const extensions: Extension[] = [new BasicConstraintsExtension(properties.basic_constraints.ca)];
  const flags = properties.key_usage.reduce((sum, usage) => sum | (usageFlags[usage] ?? 0), 0);
  if (flags !== 0) extensions.push(new KeyUsagesExtension(flags, true));
  if (properties.ekus.length > 0) extensions.push(new ExtendedKeyUsageExtension(properties.ekus));
  const { dns_names = [], emails = [] } = properties.sans ?? {};
  const names: JsonGeneralName[] = [
    ...dns_names.map((value) => ({ type: 'dns' as const, value })),
    ...emails.map((value) => ({ type: 'email' as const, value })),
  ];
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names));
  return extensions;
}

/** Azure takes Windows' names: last part first, and S= for the state, where X.509 text has ST=. */
function subjectOf(properties: X509Properties): string {
  const parts = (properties.subject ?? '').split(/,\s*(?=[A-Za-z0-9.]+=)/).reverse();
  return parts.map((part) => part.replace(/^S=/, 'ST=')).join(', ');
}

export function isKnownUsage(usage: string): boolean {
  return usage in usageFlags;
}

/** Base64 DER. */
export async function selfSigned(
  jwk: JsonWebKey,
  policy: CertificatePolicy,
  window: { nbf: number; exp: number },
): Promise<string> {
  const keys = await keysOf(jwk);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: subjectOf(policy.x509_props),
    keys,
    notBefore: new Date(window.nbf * 1000),
    notAfter: new Date(window.exp * 1000),
    signingAlgorithm: algorithmOf(jwk),
    extensions: [
      ...extensionsOf(policy.x509_props),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return Buffer.from(certificate.rawData).toString('base64');
}

/** Base64 DER of a PKCS#10 request. */
export async function signingRequest(jwk: JsonWebKey, policy: CertificatePolicy): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subjectOf(policy.x509_props),
    keys: await keysOf(jwk),
    signingAlgorithm: algorithmOf(jwk),
    extensions: extensionsOf(policy.x509_props),
  });
  return Buffer.from(request.rawData).toString('base64');
}

/** `months` calendar months later, as the service computes the end of a self-signed certificate. */
export function monthsLater(from: number, months: number): number {
  const date = new Date(from * 1000);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.getTime() / 1000;
}
