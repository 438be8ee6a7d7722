/** A look inside a vault for test oracles: every object in every state, with all versions, values and keys. */

import { settle } from './lifecycle.ts';
import type {
  CertificatePolicy,
  CertificateVersion,
  Entry,
  KeyVersion,
  RotationPolicy,
  SecretVersion,
} from './model.ts';
import { isManaged } from './model.ts';
import { collectionOf, type Vault } from './vault.ts';

interface Inside<V> {
  name: string;
  state: 'live' | 'deleting' | 'deleted' | 'recovering';
  managed: boolean;
  /** In the order they were made: the last one is the current one. */
  versions: V[];
}

export interface VaultObjects {
  secrets: Inside<SecretVersion>[];
  keys: (Inside<KeyVersion> & { rotationPolicy?: RotationPolicy })[];
  certificates: (Inside<CertificateVersion> & { policy: CertificatePolicy })[];
}

export function objectsOf(vault: Vault): VaultObjects {
  const all = (kind: Entry['kind']): unknown[] =>
    [...collectionOf(vault, kind).from('')].map((entry) => {
      settle(vault, entry);
      return structuredClone({
        name: entry.name,
        state: entry.life.state,
        managed: isManaged(entry),
        versions: [...entry.versions.values()],
        ...(entry.kind === 'certificate' ? { policy: entry.policy } : {}),
        ...(entry.kind === 'key' && entry.rotationPolicy !== undefined
          ? { rotationPolicy: entry.rotationPolicy }
          : {}),
      });
    });
  return { secrets: all('secret'), keys: all('key'), certificates: all('certificate') } as VaultObjects;
}
