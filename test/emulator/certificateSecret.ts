/**
 * The managed key and secret that every certificate has under its own name and versions. They
 * share the certificate's life, and are rebuilt from it whenever it changes.
 */
import type {
  CertificateEntry,
  CertificateVersion,
  KeyEntry,
  KeyType,
  SecretEntry,
  SecretVersion,
} from './model.ts';
import { pemText } from './pem.ts';
import { writePfx } from './pfx.ts';
import type { Vault } from './vault.ts';

export function addManaged(vault: Vault, certificate: CertificateEntry): void {
  const { name, life } = certificate;
  const key: KeyEntry = { kind: 'key', name, life, versions: new Map(), managedBy: certificate };
  const secret: SecretEntry = { kind: 'secret', name, life, versions: new Map(), managedBy: certificate };
  vault.certificate.put(certificate);
  vault.key.put(key);
  vault.secret.put(secret);
  syncManaged(vault, certificate);
}

export function syncManaged(vault: Vault, certificate: CertificateEntry): void {
  const key = vault.key.get(certificate.name);
  const secret = vault.secret.get(certificate.name);
  if (key?.managedBy !== certificate || secret?.managedBy !== certificate) {
    throw new Error('a certificate always has its key and secret');
  }
  key.versions.clear();
  secret.versions.clear();
  for (const version of certificate.versions.values()) {
    const { id, enabled, nbf, exp, created, updated, tags, contentType, jwk, exportable } = version;
    const shared = { id, enabled, nbf, exp, created, updated, tags };
    const kty = certificate.policy.key_props.kty;
    const keyOps = kty.startsWith('RSA')
      ? ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey']
      : ['sign', 'verify'];
    key.versions.set(id, { ...shared, kty: keyTypeOf(jwk.kty, kty), keyOps, jwk, exportable });
    secret.versions.set(id, { ...shared, value: '', contentType });
  }
}

/** A renewed certificate may have changed its key type since this version. */
function keyTypeOf(jwkType: string | undefined, policyType: KeyType): KeyType {
  if (jwkType !== undefined && policyType.startsWith(jwkType)) return policyType;
  return jwkType === 'EC' ? 'EC' : 'RSA';
}

const made = new WeakMap<CertificateVersion, Map<string, string>>();

/** PFX (base64, no password) or PEM of a certificate's secret; undefined for an ordinary secret. */
export async function managedSecretValue(
  entry: SecretEntry,
  version: SecretVersion,
  outContentType: string | undefined,
): Promise<string | undefined> {
  const certificate = entry.managedBy?.versions.get(version.id);
  if (certificate?.cer === undefined) return undefined;
  const wanted = outContentType ?? certificate.contentType;
  const values = made.get(certificate) ?? new Map<string, string>();
  made.set(certificate, values);
  const known = values.get(wanted);
  if (known !== undefined) return known;
  const chain = [certificate.cer, ...certificate.chain];
  const jwk = certificate.exportable ? certificate.jwk : undefined;
  const value = wanted === 'application/x-pem-file' ? pemText(chain, jwk) : await writePfx(chain, jwk);
  values.set(wanted, value);
  return value;
}
