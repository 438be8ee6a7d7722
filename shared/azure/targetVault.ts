/**
 * The TargetVault on the real Key Vault SDK clients: one method, one request (versions: one per page). No call here
 * needs the right to read a secret's value. Restores are never tried twice: a second one answers 409 although the first
 * took effect, and only the caller can tell that by comparing.
 */
import { BackupError } from '../domain/errors.ts';
import { type Kind, type ObjectRef, objectKey, pluralOf } from '../domain/objects.ts';
import type { TargetVault, VersionFacts } from '../ports/targetVault.ts';
import { type Exchange, saysCode } from './exchange.ts';
import { issuersPage } from './issuers.ts';
import {
  dataAction,
  type KeyVaultOptions,
  keyVaultClients,
  rotationPolicyAction,
  wholeBlob,
} from './keyVaultClients.ts';
import { rotationPolicyOf, toRotationPolicy } from './keyVaultShapes.ts';
import { type Calls, certificateCalls, keyCalls, secretCalls } from './targetCalls.ts';
import { targetCreates } from './targetCreates.ts';

export function targetVault(options: KeyVaultOptions): TargetVault {
  const clients = keyVaultClients(options);
  const { secrets, keys, certificates, call, region } = clients;
  const of: Readonly<Record<Kind, Calls>> = {
    secret: secretCalls(secrets),
    key: keyCalls(keys),
    certificate: certificateCalls(certificates),
  };

  const versionsPage = ({ kind, name }: ObjectRef, next: string | null) =>
    call(
      { operation: `versions of ${objectKey({ kind, name })}`, permission: dataAction(kind, 'read') },
      async (exchange) => {
        try {
          return await of[kind].versions(name, next, exchange);
        } catch (error) {
          if (saysNotFound(exchange)) return { objects: [], next: null };
          throw error;
        }
      },
    );

  return {
    listPage: (kind, next) =>
      call({ operation: `list of ${pluralOf[kind]}`, permission: dataAction(kind, 'read') }, (exchange) =>
        of[kind].list(next, exchange),
      ),

    listDeletedPage: (kind, next) =>
      call(
        { operation: `list of deleted ${pluralOf[kind]}`, permission: dataAction(kind, 'read') },
        (exchange) => of[kind].listDeleted(next, exchange),
      ),

    async versions(ref) {
      const found: VersionFacts[] = [];
      const asked = new Set<string | null>();
      for (let next: string | null = null; asked.size === 0 || next !== null; ) {
        if (asked.has(next))
          throw new BackupError('internal', `the versions of ${objectKey(ref)} are listed in a circle`);
        asked.add(next);
        const page = await versionsPage(ref, next);
        found.push(...page.objects);
        next = page.next;
      }
      return found;
    },

    restore: (kind, blob) =>
      call({ operation: `restore of a ${kind}`, permission: dataAction(kind, 'restore') }, () =>
        of[kind].restore(blob),
      ),

    backup: (ref) => {
      const operation = `backup of ${objectKey(ref)}`;
      return call({ operation, permission: dataAction(ref.kind, 'backup') }, async () =>
        wholeBlob(await of[ref.kind].backup(ref.name), `${operation} from vault ${options.name}`),
      );
    },

    remove: (ref) =>
      call({ operation: `deletion of ${objectKey(ref)}`, permission: dataAction(ref.kind, 'delete') }, () =>
        of[ref.kind].remove(ref.name),
      ),

    deleted: (ref) =>
      call(
        { operation: `look-up of deleted ${objectKey(ref)}`, permission: dataAction(ref.kind, 'read') },
        async (exchange) => {
          try {
            return await of[ref.kind].deleted(ref.name);
          } catch (error) {
            if (saysNotFound(exchange)) return null;
            if (exchange.status === 403 && saysCode(exchange, 'SecretDisabled')) return disabledAndDeleted;
            throw error;
          }
        },
      ),

    purge: (ref) =>
      call(
        { operation: `purge of ${objectKey(ref)}`, permission: dataAction(ref.kind, 'purge') },
        async () => {
          await of[ref.kind].purge(ref.name);
        },
      ),

    recover: (ref) =>
      call(
        { operation: `recovery of ${objectKey(ref)}`, permission: dataAction(ref.kind, 'recover') },
        async () => {
          await of[ref.kind].recover(ref.name);
        },
      ),

    ...targetCreates(clients),
    issuersPage: issuersPage(clients),

    rotationPolicy: (name) =>
      call(
        {
          operation: `rotation policy of keys/${name.toLowerCase()}`,
          permission: rotationPolicyAction('read'),
        },
        async () => rotationPolicyOf(await keys().getKeyRotationPolicy(name)),
      ),

    setRotationPolicy: (name, policy) =>
      call(
        {
          operation: `setting of the rotation policy of keys/${name.toLowerCase()}`,
          permission: rotationPolicyAction('write'),
        },
        async () => {
          await keys().updateKeyRotationPolicy(name, toRotationPolicy(policy));
        },
      ),

    region,
  };
}

/**
 * A disabled secret that is soft-deleted and settled answers 403 SecretDisabled, whoever asks. So it is
 * there, and disabled, and nothing else is known without going through the whole deleted list.
 */
const disabledAndDeleted: VersionFacts = {
  version: '',
  created: null,
  updated: null,
  enabled: false,
  notBefore: null,
  expires: null,
  contentType: null,
  tagsDigest: null,
  publicKeyDigest: null,
  x5t: null,
  recoveryLevel: null,
};

/** The vault's own 404, not one of something in between. */
const saysNotFound = (exchange: Exchange): boolean =>
  exchange.status === 404 &&
  ['SecretNotFound', 'KeyNotFound', 'CertificateNotFound'].some((code) => saysCode(exchange, code));
