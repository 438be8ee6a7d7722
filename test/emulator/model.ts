/**
 * The data of a vault. An entry is a name with its life (soft-delete state) and its versions in the order
 * they were made: the last one is the current one. A certificate shares its life with the managed key and
 * secret of its name. Times are Unix seconds, except settlesAt (ms).
 */
import type { JsonWebKey } from 'node:crypto';

export type Kind = 'secret' | 'key' | 'certificate';
export type Tags = Record<string, string>;

export interface VersionBase {
  id: string;
  enabled: boolean;
  nbf?: number | undefined;
  exp?: number | undefined;
  created: number;
  updated: number;
  tags?: Tags | undefined;
}

export interface SecretVersion extends VersionBase {
  /** Empty for the managed secret of a certificate, which is made from the certificate when asked for. */
  value: string;
  contentType?: string | undefined;
}

export type KeyType = 'RSA' | 'EC' | 'RSA-HSM' | 'EC-HSM';

export interface KeyVersion extends VersionBase {
  kty: KeyType;
  keyOps: string[];
  /** Private JWK; its crv is Node's name ('secp256k1'), not the vault's ('P-256K'). */
  jwk: JsonWebKey;
  exportable: boolean;
  releasePolicy?: unknown;
}

export interface CertificateVersion extends VersionBase {
  /** DER, standard base64. Absent while the certificate is being issued. */
  cer?: string | undefined;
  /** Further certificates of an imported or merged chain. */
  chain: string[];
  jwk: JsonWebKey;
  exportable: boolean;
  contentType: string;
}

export interface Life {
  state: 'live' | 'deleting' | 'deleted' | 'recovering';
  settlesAt: number;
  deletedDate: number;
  scheduledPurgeDate: number;
}

interface EntryOf<K extends Kind, V extends VersionBase> {
  kind: K;
  name: string;
  life: Life;
  versions: Map<string, V>;
}

export interface SecretEntry extends EntryOf<'secret', SecretVersion> {
  managedBy?: CertificateEntry;
}

export interface KeyEntry extends EntryOf<'key', KeyVersion> {
  managedBy?: CertificateEntry;
  rotationPolicy?: RotationPolicy;
}

export interface CertificateEntry extends EntryOf<'certificate', CertificateVersion> {
  policy: CertificatePolicy;
  pending?: PendingOperation;
}

export type Entry = SecretEntry | KeyEntry | CertificateEntry;

export interface RotationPolicy {
  lifetimeActions: LifetimeAction[];
  expiryTime?: string | undefined;
  created: number;
  updated: number;
}

export interface LifetimeAction {
  trigger: { timeAfterCreate?: string | undefined; timeBeforeExpiry?: string | undefined };
  action: { type: string };
}

export interface CertificatePolicy {
  key_props: {
    exportable: boolean;
    kty: KeyType;
    key_size: number;
    reuse_key: boolean;
    crv?: string | undefined;
  };
  secret_props: { contentType: string };
  x509_props: X509Properties;
  lifetime_actions: { trigger: Record<string, number>; action: { action_type: string } }[];
  issuer: { name: string; cty?: string | undefined; cert_transparency?: boolean | undefined };
  attributes: { enabled: boolean; created: number; updated: number };
}

export interface X509Properties {
  subject?: string | undefined;
  sans?: { dns_names?: string[]; emails?: string[]; upns?: string[] } | undefined;
  ekus: string[];
  key_usage: string[];
  validity_months: number;
  basic_constraints: { ca: boolean };
}

export interface PendingOperation {
  requestId: string;
  issuer: string;
  csr: string;
  status: 'inProgress' | 'completed' | 'cancelled';
  cancellationRequested: boolean;
  /** Self-signed certificates complete at this time (ms); undefined waits for a merge. */
  completesAt?: number | undefined;
  version: CertificateVersion;
  /** Signed already when the operation starts, shown when it completes. */
  issued?: { cer: string; chain: string[] } | undefined;
  enableWhenIssued: boolean;
}

export function newLife(): Life {
  return { state: 'live', settlesAt: 0, deletedDate: 0, scheduledPurgeDate: 0 };
}

/** The current version: the one made last, whatever its id sorts like. */
export function latest<V extends VersionBase>(versions: Map<string, V>): V {
  let last: V | undefined;
  for (const version of versions.values()) last = version;
  if (last === undefined) throw new Error('an entry always has a version');
  return last;
}

export function isManaged(entry: Entry): boolean {
  return entry.kind !== 'certificate' && entry.managedBy !== undefined;
}
