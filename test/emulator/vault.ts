/**
 * One vault's state: its three collections of objects, issuers, contacts, and the switches a test can turn.
 * Names compare without case and keep the case they were created with.
 */
import { randomBytes } from 'node:crypto';
import type { CertificateEntry, Entry, KeyEntry, Kind, SecretEntry } from './model.ts';
import type { Settings, VaultSpec } from './options.ts';
import type { Throttle } from './throttle.ts';

export type Network = 'open' | 'firewall' | 'privateLink';

export interface Issuer {
  name: string;
  provider: string;
  credentials?: Record<string, unknown> | undefined;
  org_details?: Record<string, unknown> | undefined;
  enabled: boolean;
  created: number;
  updated: number;
}

export class Collection<E extends { name: string }> {
  private readonly entries = new Map<string, E>();
  private order: string[] | undefined;

  get(name: string): E | undefined {
    return this.entries.get(name.toUpperCase());
  }

  put(entry: E): void {
    const key = entry.name.toUpperCase();
    if (!this.entries.has(key)) this.order = undefined;
    this.entries.set(key, entry);
  }

  remove(name: string): void {
    if (this.entries.delete(name.toUpperCase())) this.order = undefined;
  }

  /** Entries in order of their upper-cased names, from the first that is not before `marker`. */
  *from(marker: string): Generator<E> {
    this.order ??= [...this.entries.keys()].sort();
    const order = this.order;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((order[middle] ?? '') < marker) low = middle + 1;
      else high = middle;
    }
    for (; low < order.length; low += 1) {
      const entry = this.entries.get(order[low] ?? '');
      if (entry !== undefined) yield entry;
    }
  }
}

export interface Vault {
  spec: Required<Omit<VaultSpec, 'port'>>;
  /** As clients use it, and as every id and nextLink carries it: https://localhost:<port> */
  origin: string;
  settings: Settings;
  secret: Collection<SecretEntry>;
  key: Collection<KeyEntry>;
  certificate: Collection<CertificateEntry>;
  /** Just-purged names, by `${kind}/${NAME}`, and until when (ms) a restore of them conflicts. */
  limbo: Map<string, number>;
  issuers: Collection<Issuer>;
  contacts: Record<string, unknown>[] | undefined;
  network: Network;
  reachable: boolean;
  throttle: Throttle;
}

export function newVault(spec: VaultSpec, settings: Settings, throttle: Throttle): Vault {
  const retentionDays = spec.retentionDays ?? 90;
  if (retentionDays < 7 || retentionDays > 90) throw new RangeError('retentionDays must be 7..90');
  return {
    spec: {
      name: spec.name,
      subscription: spec.subscription ?? 'sub-1',
      geography: spec.geography ?? 'Europe',
      region: spec.region ?? 'westeurope',
      sku: spec.sku ?? 'standard',
      retentionDays,
      purgeProtection: spec.purgeProtection ?? false,
      authorization: spec.authorization ?? 'rbac',
    },
    origin: '',
    settings,
    secret: new Collection(),
    key: new Collection(),
    certificate: new Collection(),
    limbo: new Map(),
    issuers: new Collection(),
    contacts: undefined,
    network: 'open',
    reachable: true,
    throttle,
  };
}

export function seconds(vault: Vault): number {
  return Math.floor(vault.settings.now() / 1000);
}

export function newVersionId(): string {
  return randomBytes(16).toString('hex');
}

export function collectionOf(vault: Vault, kind: Kind): Collection<Entry> {
  const collections = { secret: vault.secret, key: vault.key, certificate: vault.certificate };
  return collections[kind] as unknown as Collection<Entry>;
}
