/** What a vault that is restored into does per kind: which SDK method it is, and which of our shapes its answer has. */
import type { CertificateClient } from '@azure/keyvault-certificates';
import type { KeyClient } from '@azure/keyvault-keys';
import type { SecretClient } from '@azure/keyvault-secrets';
import { z } from 'zod';
import { BackupError } from '../domain/errors.ts';
import type { TargetPage, VersionFacts } from '../ports/targetVault.ts';
import type { Exchange } from './exchange.ts';
import { onlyThe, pageOf } from './keyVaultClients.ts';
import {
  certificateVersion,
  keyVersion,
  secretVersion,
  targetCertificate,
  targetKey,
  targetSecret,
  wholeKeyVersion,
} from './keyVaultShapes.ts';

type Paged<T> = Promise<{ objects: T[]; next: string | null }>;

/** What the three clients do alike, under different names. */
export interface Calls {
  list(next: string | null, exchange: Exchange): Promise<TargetPage>;
  listDeleted(next: string | null, exchange: Exchange): Promise<TargetPage>;
  versions(name: string, next: string | null, exchange: Exchange): Paged<VersionFacts>;
  restore(blob: Uint8Array): Promise<VersionFacts>;
  backup(name: string): Promise<Uint8Array | undefined>;
  remove(name: string): Promise<VersionFacts>;
  deleted(name: string): Promise<VersionFacts>;
  purge(name: string): Promise<unknown>;
  recover(name: string): Promise<unknown>;
}

export const secretCalls = (secrets: () => SecretClient): Calls => ({
  list: (next, exchange) => pageOf(secrets().listPropertiesOfSecrets(), next, exchange, targetSecret),
  listDeleted: (next, exchange) =>
    pageOf(secrets().listDeletedSecrets(), next, exchange, (item) => targetSecret(item.properties)),
  versions: (name, next, exchange) =>
    pageOf(secrets().listPropertiesOfSecretVersions(name), next, exchange, secretVersion),
  restore: async (blob) => secretVersion(await secrets().restoreSecretBackup(blob)),
  backup: (name) => secrets().backupSecret(name),
  remove: async (name) =>
    secretVersion(resultOf(await onlyThe('DELETE', () => secrets().beginDeleteSecret(name))).properties),
  deleted: async (name) => secretVersion((await secrets().getDeletedSecret(name)).properties),
  purge: (name) => secrets().purgeDeletedSecret(name),
  recover: (name) => onlyThe('POST', () => secrets().beginRecoverDeletedSecret(name)),
});

export const keyCalls = (keys: () => KeyClient): Calls => ({
  list: (next, exchange) => pageOf(keys().listPropertiesOfKeys(), next, exchange, targetKey),
  listDeleted: (next, exchange) =>
    pageOf(keys().listDeletedKeys(), next, exchange, (item) => targetKey(item.properties)),
  versions: (name, next, exchange) =>
    pageOf(keys().listPropertiesOfKeyVersions(name), next, exchange, keyVersion),
  restore: async (blob) => wholeKeyVersion(await keys().restoreKeyBackup(blob)),
  backup: (name) => keys().backupKey(name),
  remove: async (name) =>
    wholeKeyVersion(resultOf(await onlyThe('DELETE', () => keys().beginDeleteKey(name)))),
  deleted: async (name) => wholeKeyVersion(await keys().getDeletedKey(name)),
  purge: (name) => keys().purgeDeletedKey(name),
  recover: (name) => onlyThe('POST', () => keys().beginRecoverDeletedKey(name)),
});

export const certificateCalls = (certificates: () => CertificateClient): Calls => ({
  // Pending ones too, unlike in a backup: their names are taken.
  list: (next, exchange) => {
    const pages = certificates().listPropertiesOfCertificates({ includePending: true });
    return pageOf(pages, next, exchange, targetCertificate);
  },
  listDeleted: async (next, exchange) => {
    const pages = certificates().listDeletedCertificates({ includePending: true });
    const page = await pageOf(pages, next, exchange, (item) => targetCertificate(item.properties));
    const lost = lostAttributes(exchange);
    return { ...page, objects: page.objects.map((object, position) => ({ ...object, ...lost[position] })) };
  },
  versions: (name, next, exchange) =>
    pageOf(certificates().listPropertiesOfCertificateVersions(name), next, exchange, certificateVersion),
  restore: async (blob) =>
    certificateVersion((await certificates().restoreCertificateBackup(blob)).properties),
  backup: (name) => certificates().backupCertificate(name),
  remove: async (name) =>
    certificateVersion(
      resultOf(await onlyThe('DELETE', () => certificates().beginDeleteCertificate(name))).properties,
    ),
  deleted: async (name) => certificateVersion((await certificates().getDeletedCertificate(name)).properties),
  purge: (name) => certificates().purgeDeletedCertificate(name),
  recover: (name) => onlyThe('POST', () => certificates().beginRecoverDeletedCertificate(name)),
});

const rawPage = z.object({
  value: z.array(
    z.object({
      attributes: z.object({ enabled: z.boolean().optional(), nbf: z.int().optional() }).optional(),
    }),
  ),
});

/** The SDK drops these two when it lists deleted certificates (keyvault-certificates 4.10.3, measured): from the answer. */
const lostAttributes = ({ text }: Exchange) =>
  rawPage.parse(JSON.parse(text ?? '{}')).value.map(({ attributes }) => ({
    enabled: attributes?.enabled ?? null,
    notBefore: attributes?.nbf ?? null,
  }));

/** What the poller holds after its one request: a DELETE already answers with the deleted object. */
function resultOf<T>(poller: { getResult(): T | undefined }): T {
  const result = poller.getResult();
  if (result === undefined) throw new BackupError('internal', 'the vault answered a delete with nothing');
  return result;
}
