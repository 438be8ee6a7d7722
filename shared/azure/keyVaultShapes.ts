/** From the SDK's shapes to ours. Pure; absent becomes null; dates become Unix seconds. */
import type { CertificateProperties } from '@azure/keyvault-certificates';
import type { KeyProperties, KeyRotationPolicy, KeyVaultKey } from '@azure/keyvault-keys';
import type { SecretProperties } from '@azure/keyvault-secrets';
import type { KeyFacts } from '../domain/capture.ts';
import { describeTags, type ListedObject, sha256Hex } from '../domain/objects.ts';
import type { CurrentKey } from '../ports/sourceVault.ts';

const seconds = (date: Date | undefined) => (date ? Math.floor(date.getTime() / 1000) : null);
const base64url = (bytes: Uint8Array | undefined) =>
  bytes ? Buffer.from(bytes).toString('base64url') : null;

type CommonProperties = Pick<
  SecretProperties,
  'name' | 'createdOn' | 'updatedOn' | 'enabled' | 'notBefore' | 'expiresOn' | 'tags'
>;

const common = (properties: CommonProperties) => ({
  name: properties.name,
  created: seconds(properties.createdOn),
  updated: seconds(properties.updatedOn),
  enabled: properties.enabled ?? null,
  notBefore: seconds(properties.notBefore),
  expires: seconds(properties.expiresOn),
  ...describeTags(properties.tags),
});

export const listedSecret = (properties: SecretProperties): ListedObject => ({
  kind: 'secret',
  ...common(properties),
  contentType: properties.contentType ?? null,
  managed: properties.managed === true,
  x5t: null,
});

export const listedKey = (properties: KeyProperties): ListedObject => ({
  kind: 'key',
  ...common(properties),
  contentType: null,
  managed: properties.managed === true,
  x5t: null,
});

export const listedCertificate = (properties: CertificateProperties): ListedObject => ({
  kind: 'certificate',
  ...common({ ...properties, name: properties.name ?? '' }),
  contentType: null,
  managed: false,
  x5t: base64url(properties.x509Thumbprint),
});

/** The digest covers the public members only, in a fixed order, so that it can be computed from any JWK. */
export function currentKeyOf(key: KeyVaultKey): CurrentKey {
  const { kty, crv, n, e, x, y } = key.key ?? {};
  const members = [kty?.replace('-HSM', ''), crv, base64url(n), base64url(e), base64url(x), base64url(y)].map(
    (m) => m ?? null,
  );
  return {
    keyType: key.keyType ?? null,
    currentVersion: key.properties.version ?? null,
    publicKeyDigest: key.key ? sha256Hex(JSON.stringify(members)) : null,
  };
}

export function rotationPolicyOf(policy: KeyRotationPolicy): KeyFacts['rotationPolicy'] {
  return {
    expiryTime: policy.expiresIn ?? null,
    actions: (policy.lifetimeActions ?? []).map((item) => ({
      action: item.action,
      timeAfterCreate: item.timeAfterCreate ?? null,
      timeBeforeExpiry: item.timeBeforeExpiry ?? null,
    })),
  };
}
