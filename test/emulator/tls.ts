/**
 * A throw-away CA and a leaf for localhost, so that clients really verify TLS: `ca` goes to
 * NODE_EXTRA_CA_CERTS or tlsOptions.ca. P-256, because it is quick to make.
 */
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from './x509.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const validDays = 30;

export interface Tls {
  ca: string;
  cert: string;
  key: string;
  /** The same leaf, valid until an hour ago. */
  expiredCert: string;
}

export async function makeTls(): Promise<Tls> {
  const { subtle } = webcrypto;
  const caKeys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const leafKeys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(Date.now() + validDays * 86_400_000);
  const caName = 'CN=Key Vault emulator CA';
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: caName,
    keys: caKeys,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const authority = await AuthorityKeyIdentifierExtension.create(caKeys.publicKey);
  const makeLeaf = (from: Date, to: Date) =>
    X509CertificateGenerator.create({
      subject: 'CN=localhost',
      issuer: caName,
      publicKey: leafKeys.publicKey,
      signingKey: caKeys.privateKey,
      notBefore: from,
      notAfter: to,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
          { type: 'ip', value: '::1' },
        ]),
        authority,
      ],
    });
  const leaf = await makeLeaf(notBefore, notAfter);
  const expired = await makeLeaf(new Date(Date.now() - 86_400_000), notBefore);
  const pkcs8 = Buffer.from(await subtle.exportKey('pkcs8', leafKeys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${(pkcs8.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`;
  return { ca: ca.toString('pem'), cert: leaf.toString('pem'), key, expiredCert: expired.toString('pem') };
}
