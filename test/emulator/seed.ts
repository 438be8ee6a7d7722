/**
 * Puts objects into a vault without HTTP, for oracles and big benches. EC keys are made anew each time; RSA
 * keys of one size share their material within the process, because making them takes long.
 */
import type { JsonWebKey } from 'node:crypto';
import { monthsLater, selfSigned } from './certificateMaking.ts';
import { defaultPolicy } from './certificatePolicy.ts';
import { addManaged } from './certificateSecret.ts';
import { curveBits, makeEc, makeRsa } from './keyMaterial.ts';
import {
  type CertificateEntry,
  type CertificateVersion,
  type KeyType,
  type LifetimeAction,
  newLife,
  type Tags,
  type VersionBase,
} from './model.ts';
import { defaultKeyOps } from './operations/keys.ts';
import { collectionOf, newVersionId, seconds, type Vault } from './vault.ts';

export interface SeedBase {
  name: string;
  /** How many versions; default 1. With a value, version i of n holds `value`, older ones `value` + `-v<i>`. */
  versions?: number;
  enabled?: boolean;
  /** Unix seconds, as all times here. */
  notBefore?: number;
  expires?: number;
  tags?: Tags;
  created?: number;
  updated?: number;
}

export interface SeedSecret extends SeedBase {
  value: string;
  contentType?: string;
}

export interface SeedKey extends SeedBase {
  kty?: KeyType;
  size?: number;
  crv?: string;
  rotationPolicy?: { lifetimeActions: LifetimeAction[]; expiryTime?: string };
}

export interface SeedCertificate extends SeedBase {
  kty?: 'EC' | 'RSA';
  subject?: string;
  exportable?: boolean;
  contentType?: 'application/x-pkcs12' | 'application/x-pem-file';
}

export interface Seed {
  secret(vault: string, spec: SeedSecret): void;
  key(vault: string, spec: SeedKey): Promise<void>;
  certificate(vault: string, spec: SeedCertificate): Promise<void>;
  /** `n` one-version secrets named by `makeName(0 … n-1)`. */
  many(vault: string, n: number, makeName: (index: number) => string): void;
}

export function seedInto(vaultNamed: (name: string) => Vault): Seed {
  const secret = (vault: Vault, spec: SeedSecret): void => {
    requireFree(vault, 'secret', spec.name);
    const versions = basesOf(vault, spec).map((base, index, all) => ({
      ...base,
      value: index === all.length - 1 ? spec.value : `${spec.value}-v${index + 1}`,
      contentType: spec.contentType,
    }));
    vault.secret.put({ kind: 'secret', name: spec.name, life: newLife(), versions: byId(versions) });
  };
  return {
    secret: (name, spec) => secret(vaultNamed(name), spec),
    key: (name, spec) => seedKey(vaultNamed(name), spec),
    certificate: (name, spec) => seedCertificate(vaultNamed(name), spec),
    many: (name, n, makeName) => {
      const vault = vaultNamed(name);
      for (let index = 0; index < n; index += 1) {
        secret(vault, { name: makeName(index), value: `value ${index}` });
      }
    },
  };
}

async function seedKey(vault: Vault, spec: SeedKey): Promise<void> {
  requireFree(vault, 'key', spec.name);
  const kty = spec.kty ?? 'RSA';
  const versions = [];
  for (const base of basesOf(vault, spec)) {
    const jwk = kty.startsWith('RSA')
      ? await sharedRsa(spec.size ?? 2048)
      : await makeEc(spec.crv ?? 'P-256');
    versions.push({ ...base, kty, keyOps: defaultKeyOps(kty), jwk, exportable: false });
  }
  const now = seconds(vault);
  const policy = spec.rotationPolicy;
  vault.key.put({
    kind: 'key',
    name: spec.name,
    life: newLife(),
    versions: byId(versions),
    ...(policy === undefined ? {} : { rotationPolicy: { ...policy, created: now, updated: now } }),
  });
}

async function seedCertificate(vault: Vault, spec: SeedCertificate): Promise<void> {
  requireFree(vault, 'certificate', spec.name);
  const policy = defaultPolicy(vault);
  const ec = spec.kty !== 'RSA';
  const exportable = spec.exportable ?? true;
  if (ec) {
    const key_size = curveBits['P-256'] ?? 256;
    policy.key_props = { exportable, kty: 'EC', key_size, reuse_key: false, crv: 'P-256' };
  }
  policy.key_props.exportable = exportable;
  policy.issuer = { name: 'Self' };
  policy.lifetime_actions = [{ trigger: { lifetime_percentage: 80 }, action: { action_type: 'AutoRenew' } }];
  policy.x509_props.subject = spec.subject ?? `CN=${spec.name}`;
  policy.secret_props.contentType = spec.contentType ?? 'application/x-pkcs12';
  const versions: CertificateVersion[] = [];
  for (const base of basesOf(vault, spec)) {
    const jwk = ec ? await makeEc('P-256') : await sharedRsa(2048);
    const nbf = base.nbf ?? base.created - 600;
    const exp = base.exp ?? monthsLater(base.created, policy.x509_props.validity_months);
    const cer = await selfSigned(jwk, policy, { nbf, exp });
    const { contentType } = policy.secret_props;
    versions.push({ ...base, nbf, exp, cer, chain: [], jwk, exportable, contentType });
  }
  const { name } = spec;
  const entry: CertificateEntry = {
    kind: 'certificate',
    name,
    life: newLife(),
    versions: byId(versions),
    policy,
  };
  addManaged(vault, entry);
}

const rsaBySize = new Map<number, Promise<JsonWebKey>>();

function sharedRsa(bits: number): Promise<JsonWebKey> {
  const known = rsaBySize.get(bits) ?? makeRsa(bits);
  rsaBySize.set(bits, known);
  return known;
}

function requireFree(vault: Vault, kind: 'secret' | 'key' | 'certificate', name: string): void {
  const kinds = kind === 'certificate' ? (['certificate', 'key', 'secret'] as const) : [kind];
  for (const each of kinds) {
    if (collectionOf(vault, each).get(name) !== undefined) throw new Error(`${each} ${name} exists already`);
  }
}

function basesOf(vault: Vault, spec: SeedBase): VersionBase[] {
  const created = spec.created ?? seconds(vault);
  return Array.from({ length: spec.versions ?? 1 }, () => ({
    id: newVersionId(),
    enabled: spec.enabled ?? true,
    nbf: spec.notBefore,
    exp: spec.expires,
    created,
    updated: spec.updated ?? created,
    tags: spec.tags,
  }));
}

function byId<V extends VersionBase>(versions: V[]): Map<string, V> {
  return new Map(versions.map((version) => [version.id, version]));
}
