/** From the SDK's shapes to ours. Pure; absent becomes null; dates become Unix seconds. */
import type { CertificateProperties } from '@azure/keyvault-certificates';
import type {
  KeyProperties,
  KeyRotationPolicy,
  KeyRotationPolicyAction,
  KeyRotationPolicyProperties,
  KeyVaultKey,
} from '@azure/keyvault-keys';
import type { SecretProperties } from '@azure/keyvault-secrets';
import { describeTags, type ListedObject, sha256Hex } from '../domain/objects.ts';
import type { RotationPolicy } from '../domain/recoveryPoint.ts';
import type { CurrentKey } from '../ports/sourceVault.ts';
import type { TargetObject, VersionFacts } from '../ports/targetVault.ts';

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

const recoveryLevelOf = (properties: { recoveryLevel?: string }) => properties.recoveryLevel ?? null;

export const targetSecret = (properties: SecretProperties): TargetObject => ({
  ...listedSecret(properties),
  recoveryLevel: recoveryLevelOf(properties),
});

export const targetKey = (properties: KeyProperties): TargetObject => ({
  ...listedKey(properties),
  recoveryLevel: recoveryLevelOf(properties),
});

export const targetCertificate = (properties: CertificateProperties): TargetObject => ({
  ...listedCertificate(properties),
  recoveryLevel: recoveryLevelOf(properties),
});

function versionOf(shown: TargetObject, version: string | undefined): VersionFacts {
  const { created, updated, enabled, notBefore, expires, contentType, tagsDigest, x5t, recoveryLevel } =
    shown;
  return {
    version: version ?? '',
    created,
    updated,
    enabled,
    notBefore,
    expires,
    contentType,
    tagsDigest,
    publicKeyDigest: null,
    x5t,
    recoveryLevel,
  };
}

export const secretVersion = (properties: SecretProperties): VersionFacts =>
  versionOf(targetSecret(properties), properties.version);

export const keyVersion = (properties: KeyProperties): VersionFacts =>
  versionOf(targetKey(properties), properties.version);

export const wholeKeyVersion = (key: KeyVaultKey): VersionFacts => ({
  ...keyVersion(key.properties),
  publicKeyDigest: currentKeyOf(key).publicKeyDigest,
});

export const certificateVersion = (properties: CertificateProperties): VersionFacts =>
  versionOf(targetCertificate(properties), properties.version);

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

export function rotationPolicyOf(policy: KeyRotationPolicy): RotationPolicy {
  return {
    expiryTime: policy.expiresIn ?? null,
    actions: (policy.lifetimeActions ?? []).map((item) => ({
      action: item.action,
      timeAfterCreate: item.timeAfterCreate ?? null,
      timeBeforeExpiry: item.timeBeforeExpiry ?? null,
    })),
  };
}

/** The service knows two actions, in any case; what it does not know it refuses itself. */
export const toRotationPolicy = ({ expiryTime, actions }: RotationPolicy): KeyRotationPolicyProperties => ({
  ...(expiryTime === null ? {} : { expiresIn: expiryTime }),
  lifetimeActions: actions.map(({ action, timeAfterCreate, timeBeforeExpiry }) => ({
    action: action as KeyRotationPolicyAction,
    ...(timeAfterCreate === null ? {} : { timeAfterCreate }),
    ...(timeBeforeExpiry === null ? {} : { timeBeforeExpiry }),
  })),
});
