/**
 * Soft delete: absent → live → deleting → deleted → (recovering → live | absent), with a limbo after a purge
 * in which a restore still conflicts. States settle lazily, at the first look after their time.
 */
import { settlePending } from './certificatePending.ts';
import { conflict, deletedNotFound, forbidden, managedByKeyVault, notFound, titleOf } from './errors.ts';
import {
  type CertificateEntry,
  type Entry,
  isManaged,
  type KeyEntry,
  type Kind,
  type SecretEntry,
} from './model.ts';
import { collectionOf, type Vault } from './vault.ts';

interface Entries {
  secret: SecretEntry;
  key: KeyEntry;
  certificate: CertificateEntry;
}

/** The entry in whatever state it is now. */
export function find<K extends Kind>(vault: Vault, kind: K, name: string): Entries[K] | undefined {
  const entry = collectionOf(vault, kind).get(name);
  if (entry === undefined) return undefined;
  settle(vault, entry);
  const certificate = entry.kind === 'certificate' ? entry : entry.managedBy;
  if (certificate !== undefined) settlePending(vault, certificate);
  if (entry.life.state === 'deleted' && vault.settings.now() >= entry.life.scheduledPurgeDate * 1000) {
    remove(vault, entry);
    return undefined;
  }
  return entry as Entries[K];
}

export function settle(vault: Vault, entry: Entry): void {
  const { life } = entry;
  if (vault.settings.now() < life.settlesAt) return;
  if (life.state === 'deleting') life.state = 'deleted';
  if (life.state === 'recovering') life.state = 'live';
}

export function findLive<K extends Kind>(vault: Vault, kind: K, name: string, version?: string): Entries[K] {
  const entry = find(vault, kind, name);
  if (entry?.life.state !== 'live') throw notFound(kind, version === undefined ? name : `${name}/${version}`);
  return entry;
}

/** The live entry for a set or create, or undefined when the name is free; 409 in every other state. */
export function findForWrite<K extends Kind>(
  vault: Vault,
  kind: K,
  name: string,
  operation: string,
): Entries[K] | undefined {
  const entry = find(vault, kind, name);
  if (entry === undefined) return undefined;
  const title = titleOf(kind);
  switch (entry.life.state) {
    case 'live':
      refuseManaged(entry, operation);
      return entry;
    case 'deleting':
      throw conflict(
        `${title} ${entry.name} is currently being deleted and cannot be re-created; retry later.`,
        'ObjectIsBeingDeleted',
      );
    case 'deleted':
      throw conflict(
        `${title} ${entry.name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the ${kind} can only be recovered or purged.`,
        'ObjectIsDeletedButRecoverable',
      );
    case 'recovering':
      throw conflict(
        `${title} ${entry.name} is currently being recovered and cannot be re-created; retry later.`,
        'ObjectIsBeingRecovered',
      );
  }
}

export function refuseManaged(entry: Entry, operation: string): void {
  if (isManaged(entry)) throw managedByKeyVault(entry.kind, operation);
}

export function softDelete(vault: Vault, entry: Entry): void {
  const now = vault.settings.now();
  const deletedDate = Math.floor(now / 1000);
  entry.life.state = 'deleting';
  entry.life.settlesAt = now + vault.settings.settleMs;
  entry.life.deletedDate = deletedDate;
  entry.life.scheduledPurgeDate = deletedDate + vault.spec.retentionDays * 86_400;
}

/** A deleted, settled entry; while deleting, or live, the text says "Deleted … not found". */
export function findDeleted<K extends Kind>(vault: Vault, kind: K, name: string): Entries[K] {
  const entry = find(vault, kind, name);
  if (entry === undefined) throw notFound(kind, name);
  if (entry.life.state !== 'deleted') throw deletedNotFound(kind, entry.name);
  return entry;
}

export function recover<K extends Kind>(vault: Vault, kind: K, name: string): Entries[K] {
  const entry = find(vault, kind, name);
  if (entry === undefined || entry.life.state === 'live') throw notFound(kind, name);
  refuseManaged(entry, 'recover');
  if (entry.life.state !== 'deleted') {
    throw conflict(
      `There was a conflict recovering the ${kind} ${entry.name}. Operations on it run in parallel; retry later.`,
    );
  }
  entry.life.state = 'recovering';
  entry.life.settlesAt = vault.settings.now() + vault.settings.settleMs;
  return entry;
}

export function purge(vault: Vault, kind: Kind, name: string): void {
  const entry = find(vault, kind, name);
  if (entry === undefined || entry.life.state === 'live' || entry.life.state === 'recovering') {
    throw notFound(kind, name);
  }
  refuseManaged(entry, 'purge');
  if (entry.life.state === 'deleting') {
    throw conflict(`${titleOf(kind)} is currently being deleted.`, 'ObjectIsBeingDeleted');
  }
  if (vault.spec.purgeProtection) {
    throw forbidden(
      'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.',
    );
  }
  remove(vault, entry);
}

/** Takes an entry out of the vault; a certificate takes its key and secret with it. */
function remove(vault: Vault, entry: Entry): void {
  const kinds: Kind[] = entry.kind === 'certificate' ? ['certificate', 'key', 'secret'] : [entry.kind];
  const until = vault.settings.now() + vault.settings.purgeLimboMs;
  for (const kind of kinds) {
    collectionOf(vault, kind).remove(entry.name);
    vault.limbo.set(`${kind}/${entry.name.toUpperCase()}`, until);
  }
}

export function inLimbo(vault: Vault, kind: Kind, name: string): boolean {
  const key = `${kind}/${name.toUpperCase()}`;
  const until = vault.limbo.get(key);
  if (until === undefined) return false;
  if (vault.settings.now() < until) return true;
  vault.limbo.delete(key);
  return false;
}
