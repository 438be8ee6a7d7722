/** The SourceVault on the real Key Vault SDK clients: one method, one request. */
import { type Kind, type ObjectRef, objectKey, pluralOf } from '../domain/objects.ts';
import type { SourceVault } from '../ports/sourceVault.ts';
import { dateOf, type Exchange } from './exchange.ts';
import { issuersPage } from './issuers.ts';
import {
  dataAction,
  type KeyVaultOptions,
  keyVaultClients,
  pageOf,
  rotationPolicyAction,
  wholeBlob,
} from './keyVaultClients.ts';
import {
  certificateVersion,
  currentKeyOf,
  keyVersion,
  listedCertificate,
  listedKey,
  listedSecret,
  rotationPolicyOf,
  secretVersion,
} from './keyVaultShapes.ts';

export function keyVault(options: KeyVaultOptions): SourceVault {
  const clients = keyVaultClients(options);
  const { secrets, keys, certificates, call, region } = clients;

  function listPage(kind: Kind, next: string | null, exchange: Exchange) {
    if (kind === 'secret') return pageOf(secrets().listPropertiesOfSecrets(), next, exchange, listedSecret);
    if (kind === 'key') return pageOf(keys().listPropertiesOfKeys(), next, exchange, listedKey);
    const pages = certificates().listPropertiesOfCertificates({ includePending: false });
    return pageOf(pages, next, exchange, listedCertificate);
  }

  function versionsPage({ kind, name }: ObjectRef, next: string | null, exchange: Exchange) {
    if (kind === 'secret')
      return pageOf(secrets().listPropertiesOfSecretVersions(name), next, exchange, secretVersion);
    if (kind === 'key') return pageOf(keys().listPropertiesOfKeyVersions(name), next, exchange, keyVersion);
    const pages = certificates().listPropertiesOfCertificateVersions(name);
    return pageOf(pages, next, exchange, certificateVersion);
  }

  function backupBytes(ref: ObjectRef): Promise<Uint8Array | undefined> {
    if (ref.kind === 'secret') return secrets().backupSecret(ref.name);
    if (ref.kind === 'key') return keys().backupKey(ref.name);
    return certificates().backupCertificate(ref.name);
  }

  return {
    listPage: (kind, next) =>
      call({ operation: `list of ${pluralOf[kind]}`, permission: dataAction(kind, 'read') }, (exchange) =>
        listPage(kind, next, exchange),
      ),

    backup: (ref) => {
      const operation = `backup of ${objectKey(ref)}`;
      return call({ operation, permission: dataAction(ref.kind, 'backup') }, async (exchange) => ({
        bytes: wholeBlob(await backupBytes(ref), `${operation} from vault ${options.name}`),
        vaultDate: dateOf(exchange),
      }));
    },

    versionsPage: (ref, next) =>
      call(
        { operation: `versions of ${objectKey(ref)}`, permission: dataAction(ref.kind, 'read') },
        async (exchange) => {
          const { objects, next: following } = await versionsPage(ref, next, exchange);
          return { versions: objects, next: following, vaultDate: dateOf(exchange) };
        },
      ),

    currentKey: (name) =>
      call(
        { operation: `get of keys/${name.toLowerCase()}`, permission: dataAction('key', 'read') },
        async () => currentKeyOf(await keys().getKey(name)),
      ),

    rotationPolicy: (name) =>
      call(
        {
          operation: `rotation policy of keys/${name.toLowerCase()}`,
          permission: rotationPolicyAction('read'),
        },
        async () => rotationPolicyOf(await keys().getKeyRotationPolicy(name)),
      ),

    issuersPage: issuersPage(clients),
    region,
  };
}
