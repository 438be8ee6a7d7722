/** The ReadableVault on the real Key Vault SDK clients. What it reads are values: no error of it has a cause. */
import { type ObjectRef, objectKey } from '../domain/objects.ts';
import { type CopiedVersion, certificatePolicy } from '../domain/portableCopy.ts';
import type { ReadableVault } from '../ports/readableVault.ts';
import { dateOf, saysCode } from './exchange.ts';
import { dataAction, type KeyVaultOptions, keyVaultClients, pageOf } from './keyVaultClients.ts';
import { certificateVersion, listedCertificate, secretVersion } from './keyVaultShapes.ts';

export function readableVault(options: KeyVaultOptions): ReadableVault {
  const { secrets, keys, certificates, call, region } = keyVaultClients(options);

  return {
    secret: (name, version) =>
      call(
        {
          operation: `reading of secrets/${name.toLowerCase()}`,
          permission: 'Microsoft.KeyVault/vaults/secrets/getSecret/action',
          hush: true,
        },
        async (exchange) => {
          try {
            const { value = '', properties } = await secrets().getSecret(name, version ? { version } : {});
            const seen = secretVersion(properties);
            const copied: CopiedVersion = {
              version: seen.version,
              value,
              contentType: seen.contentType,
              tags: properties.tags ?? {},
              enabled: seen.enabled ?? true,
              notBefore: seen.notBefore,
              expires: seen.expires,
              created: seen.created,
              updated: seen.updated,
              x5t: null,
            };
            return { ...copied, vaultDate: dateOf(exchange) };
          } catch (error) {
            if (exchange.status === 403 && saysCode(exchange, 'SecretDisabled')) return null;
            throw error;
          }
        },
      ),

    versionsPage: (ref, next) =>
      call(
        { operation: `versions of ${objectKey(ref)}`, permission: dataAction(ref.kind, 'read') },
        async (exchange) => {
          const { objects, next: following } = await (ref.kind === 'certificate'
            ? pageOf(
                certificates().listPropertiesOfCertificateVersions(ref.name),
                next,
                exchange,
                certificateVersion,
              )
            : pageOf(secrets().listPropertiesOfSecretVersions(ref.name), next, exchange, secretVersion));
          return { versions: objects, next: following, vaultDate: dateOf(exchange) };
        },
      ),

    certificate: (name) => {
      const ref: ObjectRef = { kind: 'certificate', name };
      return call(
        { operation: `get of ${objectKey(ref)}`, permission: dataAction('certificate', 'read') },
        async (exchange) => {
          const { cer, properties } = await certificates().getCertificate(name);
          const { version, enabled, created, updated, notBefore, expires, tagsDigest, x5t } =
            certificateVersion(properties);
          const { policy } = JSON.parse(exchange.text ?? '{}') as { policy?: unknown };
          return {
            version,
            enabled: enabled ?? true,
            created,
            updated,
            notBefore,
            expires,
            tagsDigest,
            x5t,
            cer: cer && cer.length > 0 ? Buffer.from(cer).toString('base64') : null,
            policy: certificatePolicy.parse(policy ?? {}),
            vaultDate: dateOf(exchange),
          };
        },
      );
    },

    publicKey: (name) =>
      call(
        { operation: `get of keys/${name.toLowerCase()}`, permission: dataAction('key', 'read') },
        async (exchange) => {
          await keys().getKey(name);
          const { key } = JSON.parse(exchange.text ?? '{}') as { key?: Record<string, unknown> };
          return { jwk: key ?? {}, vaultDate: dateOf(exchange) };
        },
      ),

    certificatesPage: (next) =>
      call(
        { operation: 'list of certificates', permission: dataAction('certificate', 'read') },
        async (exchange) => {
          const pages = certificates().listPropertiesOfCertificates({ includePending: true });
          const page = await pageOf(pages, next, exchange, (item) => listedCertificate(item).name);
          return { names: page.objects, next: page.next };
        },
      ),

    region,
  };
}
