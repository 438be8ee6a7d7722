/** Certificate policies: read from a request with the recorded defaults, or merged into a policy. */
import { isKnownUsage } from './certificateMaking.ts';
import { badParameter, invalidProperty } from './errors.ts';
import { curveBits, rsaSizes } from './keyMaterial.ts';
import type { CertificatePolicy, KeyType } from './model.ts';
import { readKeyType } from './operations/keys.ts';
import {
  asObject,
  type Json,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  stringList,
} from './validate.ts';
import { seconds, type Vault } from './vault.ts';

/** What the service fills in when only issuer and subject are sent. */
export function defaultPolicy(vault: Vault): CertificatePolicy {
  const now = seconds(vault);
  return {
    key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
    secret_props: { contentType: 'application/x-pkcs12' },
    x509_props: {
      ekus: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      key_usage: ['digitalSignature', 'keyEncipherment'],
      validity_months: 12,
      basic_constraints: { ca: false },
    },
    lifetime_actions: [],
    issuer: { name: 'Unknown' },
    attributes: { enabled: true, created: now, updated: now },
  };
}

/** `before` with the members of `value` over it. */
export function mergePolicy(vault: Vault, value: Json, before: CertificatePolicy): CertificatePolicy {
  const policy = structuredClone(before);
  policy.key_props = readKeyProps(vault, optionalObject(value['key_props']), policy.key_props);
  const contentType = optionalString(optionalObject(value['secret_props'])?.['contentType']);
  if (contentType !== undefined) {
    if (!['application/x-pkcs12', 'application/x-pem-file'].includes(contentType)) throw invalidProperty();
    policy.secret_props = { contentType };
  }
  policy.x509_props = readX509(optionalObject(value['x509_props']), policy.x509_props);
  policy.issuer = readIssuer(optionalObject(value['issuer']), policy.issuer);
  const actions = value['lifetime_actions'];
  if (actions !== undefined && actions !== null) {
    if (!Array.isArray(actions)) throw invalidProperty();
    policy.lifetime_actions = actions.map(readAction);
  }
  if (policy.lifetime_actions.length === 0) {
    const action_type = policy.issuer.name.toLowerCase() === 'unknown' ? 'EmailContacts' : 'AutoRenew';
    policy.lifetime_actions = [{ trigger: { lifetime_percentage: 80 }, action: { action_type } }];
  }
  const enabled = optionalBoolean(optionalObject(value['attributes'])?.['enabled']);
  if (enabled !== undefined) policy.attributes.enabled = enabled;
  return policy;
}

function readKeyProps(vault: Vault, value: Json | undefined, before: CertificatePolicy['key_props']) {
  if (value === undefined) return before;
  const kty: KeyType =
    value['kty'] === undefined || value['kty'] === null ? before.kty : readKeyType(vault, value['kty']);
  const exportable = optionalBoolean(value['exportable']) ?? before.exportable;
  const reuse_key = optionalBoolean(value['reuse_key']) ?? before.reuse_key;
  if (kty.startsWith('EC')) {
    const crv = optionalString(value['crv']) ?? before.crv ?? 'P-256';
    const bits = curveBits[crv];
    if (bits === undefined) throw badParameter(`Curve ${crv} is not supported.`);
    return { exportable, kty, key_size: bits, reuse_key, crv };
  }
  const size = optionalNumber(value['key_size']) ?? (before.crv === undefined ? before.key_size : 2048);
  if (!rsaSizes.includes(size)) throw badParameter(`Key size ${size} is not supported.`);
  return { exportable, kty, key_size: size, reuse_key };
}

function readX509(value: Json | undefined, before: CertificatePolicy['x509_props']) {
  if (value === undefined) return before;
  const key_usage = stringList(value['key_usage']) ?? before.key_usage;
  if (!key_usage.every(isKnownUsage)) throw invalidProperty();
  const validity_months = optionalNumber(value['validity_months']) ?? before.validity_months;
  if (validity_months < 1 || validity_months > 1200) throw badParameter('validity_months must be 1 to 1200.');
  const ca = optionalBoolean(optionalObject(value['basic_constraints'])?.['ca']);
  return {
    subject: optionalString(value['subject']) ?? before.subject,
    sans: readSans(optionalObject(value['sans'])) ?? before.sans,
    ekus: stringList(value['ekus']) ?? before.ekus,
    key_usage,
    validity_months,
    basic_constraints: { ca: ca ?? before.basic_constraints.ca },
  };
}

function readSans(value: Json | undefined): CertificatePolicy['x509_props']['sans'] {
  if (value === undefined) return undefined;
  const parts = (['dns_names', 'emails', 'upns'] as const).map(
    (part) => [part, stringList(value[part])] as const,
  );
  return Object.fromEntries(parts.filter(([, names]) => names !== undefined));
}

function readIssuer(
  value: Json | undefined,
  before: CertificatePolicy['issuer'],
): CertificatePolicy['issuer'] {
  if (value === undefined) return before;
  return {
    name: optionalString(value['name']) ?? before.name,
    cty: optionalString(value['cty']) ?? before.cty,
    cert_transparency: optionalBoolean(value['cert_transparency']) ?? before.cert_transparency,
  };
}

function readAction(value: unknown): CertificatePolicy['lifetime_actions'][number] {
  const { trigger, action } = asObject(value);
  const given = asObject(trigger);
  const names = ['lifetime_percentage', 'days_before_expiry'].filter(
    (name) => optionalNumber(given[name]) !== undefined,
  );
  const name = names[0];
  if (name === undefined || names.length !== 1)
    throw badParameter('A lifetime action needs exactly one trigger.');
  const action_type = optionalString(asObject(action)['action_type']);
  if (action_type !== 'AutoRenew' && action_type !== 'EmailContacts') throw invalidProperty();
  return { trigger: { [name]: optionalNumber(given[name]) ?? 0 }, action: { action_type } };
}
