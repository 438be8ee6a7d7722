/**
 * How objects look on the wire: attributes, bundles and list items. Unset members are undefined here and so
 * absent from the JSON.
 */
import { isAtLeast } from './apiVersion.ts';
import type { Entry, KeyEntry, KeyVersion, Kind, SecretEntry, SecretVersion, VersionBase } from './model.ts';
import type { Vault } from './vault.ts';

const folder = { secret: 'secrets', key: 'keys', certificate: 'certificates' } as const;

export function folderOf(kind: Kind): string {
  return folder[kind];
}

export function idOf(vault: Vault, kind: Kind, name: string, version?: string): string {
  const tail = version === undefined ? '' : `/${version}`;
  return `${vault.origin}/${folder[kind]}/${name}${tail}`;
}

function recoveryLevel(vault: Vault): string {
  const { retentionDays, purgeProtection } = vault.spec;
  return `${retentionDays < 90 ? 'Customized' : ''}Recoverable${purgeProtection ? '' : '+Purgeable'}`;
}

export function attributesOf(vault: Vault, version: VersionBase) {
  return {
    enabled: version.enabled,
    nbf: version.nbf,
    exp: version.exp,
    created: version.created,
    updated: version.updated,
    recoveryLevel: recoveryLevel(vault),
    recoverableDays: vault.spec.retentionDays,
  };
}

/** `exportable` came with 7.4, `hsmPlatform` with 7.5. */
export function keyAttributesOf(vault: Vault, version: KeyVersion, apiVersion: string) {
  return {
    ...attributesOf(vault, version),
    exportable: isAtLeast(apiVersion, '7.4') ? version.exportable : undefined,
    hsmPlatform: isAtLeast(apiVersion, '7.5') ? (version.kty.endsWith('-HSM') ? '2' : '0') : undefined,
  };
}

export function deletedFields(vault: Vault, entry: Entry) {
  return {
    recoveryId: `${vault.origin}/deleted${folder[entry.kind]}/${entry.name}`,
    deletedDate: entry.life.deletedDate,
    scheduledPurgeDate: entry.life.scheduledPurgeDate,
  };
}

/** Everything but the value, which only set and get return. */
export function secretBundle(vault: Vault, entry: SecretEntry, version: SecretVersion) {
  return {
    contentType: version.contentType,
    id: idOf(vault, 'secret', entry.name, version.id),
    managed: entry.managedBy === undefined ? undefined : true,
    attributes: attributesOf(vault, version),
    tags: version.tags,
    kid: entry.managedBy === undefined ? undefined : idOf(vault, 'key', entry.name, version.id),
  };
}

export function secretItem(vault: Vault, entry: SecretEntry, version: SecretVersion, versioned: boolean) {
  return {
    ...secretBundle(vault, entry, version),
    id: idOf(vault, 'secret', entry.name, versioned ? version.id : undefined),
    kid: undefined,
  };
}

export function publicJwk(vault: Vault, entry: KeyEntry, version: KeyVersion) {
  const { n, e, crv, x, y } = version.jwk;
  return {
    kid: idOf(vault, 'key', entry.name, version.id),
    kty: version.kty,
    key_ops: version.keyOps,
    n,
    e,
    crv: crv === 'secp256k1' ? 'P-256K' : crv,
    x,
    y,
  };
}

export function keyBundle(vault: Vault, entry: KeyEntry, version: KeyVersion, apiVersion: string) {
  return {
    key: publicJwk(vault, entry, version),
    attributes: keyAttributesOf(vault, version, apiVersion),
    tags: version.tags,
    managed: entry.managedBy === undefined ? undefined : true,
    release_policy: version.releasePolicy,
  };
}

export function keyItem(
  vault: Vault,
  entry: KeyEntry,
  version: KeyVersion,
  call: { apiVersion: string; versioned: boolean },
) {
  return {
    kid: idOf(vault, 'key', entry.name, call.versioned ? version.id : undefined),
    attributes: keyAttributesOf(vault, version, call.apiVersion),
    tags: version.tags,
    managed: entry.managedBy === undefined ? undefined : true,
  };
}
