/**
 * How certificates come about: create (202 and a pending operation) and import.
 */
import { type JsonWebKey, randomBytes } from 'node:crypto';
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { describe } from '../certificateImport.ts';
import { monthsLater, selfSigned, signingRequest } from '../certificateMaking.ts';
import { defaultPolicy, mergePolicy } from '../certificatePolicy.ts';
import { addManaged, syncManaged } from '../certificateSecret.ts';
import { certificateBundle, operationView, pendingId } from '../certificateViews.ts';
import { badParameter, conflict, invalidProperty, ServiceError } from '../errors.ts';
import { makeEc, makeRsa } from '../keyMaterial.ts';
import { find, findForWrite } from '../lifecycle.ts';
import {
  type CertificateEntry,
  type CertificatePolicy,
  type CertificateVersion,
  latest,
  newLife,
  type PendingOperation,
} from '../model.ts';
import { readPem } from '../pem.ts';
import { readPfx } from '../pfx.ts';
import {
  asString,
  optionalBoolean,
  optionalObject,
  optionalString,
  parseBody,
  readTags,
} from '../validate.ts';
import { newVersionId, seconds, type Vault } from '../vault.ts';

/** The service back-dates self-signed certificates by ten minutes. */
const backdatedSeconds = 600;

/** The certificate of the name, if there is one, once nothing stands against a new version of it. */
function writable(vault: Vault, name: string, operation: string): CertificateEntry | undefined {
  const entry = findForWrite(vault, 'certificate', name, operation);
  if (entry?.pending?.status === 'inProgress') {
    throw new ServiceError(
      409,
      'Forbidden',
      `A new key vault certificate cannot be ${operation === 'import' ? 'imported' : 'created'} while a pending key vault certificate's status is inProgress.`,
    );
  }
  if (entry === undefined) {
    for (const kind of ['key', 'secret'] as const) {
      if (find(vault, kind, name) !== undefined) {
        throw conflict(`A ${kind} with the name ${name} already exists in this key vault.`);
      }
    }
  }
  return entry;
}

async function makeKey(policy: CertificatePolicy, before: CertificateEntry | undefined): Promise<JsonWebKey> {
  const { kty, key_size, crv, reuse_key } = policy.key_props;
  if (reuse_key && before !== undefined) return latest(before.versions).jwk;
  return kty.startsWith('RSA') ? makeRsa(key_size) : makeEc(crv ?? 'P-256');
}

function requireIssuer(vault: Vault, name: string): boolean {
  const self = name.toLowerCase() === 'self';
  if (!self && name.toLowerCase() !== 'unknown' && vault.issuers.get(name) === undefined) {
    throw badParameter(`The certificate issuer ${name} was not found in this key vault.`);
  }
  return self;
}

async function create(call: Call): Promise<Reply> {
  const { vault } = call;
  const name = nameOf(call);
  const body = parseBody(call.body);
  const before = writable(vault, name, 'create');
  const given = optionalObject(body['policy']);
  const blank = before === undefined ? defaultPolicy(vault) : before.policy;
  const policy = given === undefined ? structuredClone(blank) : mergePolicy(vault, given, blank);
  const { subject, sans } = policy.x509_props;
  if (!subject && !sans?.dns_names?.length) throw invalidProperty();
  const self = requireIssuer(vault, policy.issuer.name);
  const tags = readTags(body['tags']);
  const enabled = optionalBoolean(optionalObject(body['attributes'])?.['enabled']) ?? true;
  const jwk = await makeKey(policy, before);
  const created = seconds(vault);
  const nbf = created - backdatedSeconds;
  const exp = monthsLater(created, policy.x509_props.validity_months);
  const cer = self ? await selfSigned(jwk, policy, { nbf, exp }) : undefined;
  const csr = await signingRequest(jwk, policy);
  const version: CertificateVersion = {
    id: newVersionId(),
    enabled: false,
    nbf,
    exp,
    created,
    updated: created,
    tags,
    chain: [],
    jwk,
    exportable: policy.key_props.exportable,
    contentType: policy.secret_props.contentType,
  };
  const pending: PendingOperation = {
    requestId: randomBytes(16).toString('hex'),
    issuer: policy.issuer.name,
    csr,
    status: 'inProgress',
    cancellationRequested: false,
    completesAt: self ? vault.settings.now() + vault.settings.certificateIssueMs : undefined,
    version,
    issued: cer === undefined ? undefined : { cer, chain: [] },
    enableWhenIssued: enabled,
  };
  // Two creates may have run side by side while their keys were made.
  const entry = writable(vault, name, 'create');
  if (entry === undefined) {
    const versions = new Map([[version.id, version]]);
    addManaged(vault, { kind: 'certificate', name, life: newLife(), versions, policy, pending });
  } else {
    Object.assign(entry, { policy, pending });
  }
  const location = `${pendingId(vault, name)}?api-version=${call.apiVersion}&request_id=${pending.requestId}`;
  const headers = { Location: location, 'Retry-After': '10' };
  return { status: 202, body: operationView(vault, name, pending), headers };
}

async function importCertificate(call: Call): Promise<Reply> {
  const { vault } = call;
  const name = nameOf(call);
  const body = parseBody(call.body);
  const value = asString(body['value']);
  const password = optionalString(body['pwd']);
  const given = optionalObject(body['policy']) ?? {};
  const wanted = optionalString(optionalObject(given['secret_props'])?.['contentType']);
  const { jwk, chain } =
    wanted === 'application/x-pem-file' ? readPem(value, password) : await readPfx(value, password ?? '');
  const cer = chain[0] ?? '';
  const { nbf, exp, policy: derived } = describe(cer, jwk);
  const tags = readTags(body['tags']);
  const before = writable(vault, name, 'import');
  const sent = {
    issuer: given['issuer'],
    secret_props: given['secret_props'],
    lifetime_actions: given['lifetime_actions'],
  };
  const policy = mergePolicy(vault, sent, { ...defaultPolicy(vault), ...derived });
  policy.key_props.exportable = optionalBoolean(optionalObject(given['key_props'])?.['exportable']) ?? true;
  const created = seconds(vault);
  const version: CertificateVersion = {
    id: newVersionId(),
    enabled: optionalBoolean(optionalObject(body['attributes'])?.['enabled']) ?? true,
    nbf,
    exp,
    created,
    updated: created,
    tags,
    cer,
    chain: chain.slice(1),
    jwk,
    exportable: policy.key_props.exportable,
    contentType: policy.secret_props.contentType,
  };
  if (before === undefined) {
    const versions = new Map([[version.id, version]]);
    const entry: CertificateEntry = { kind: 'certificate', name, life: newLife(), versions, policy };
    addManaged(vault, entry);
    return ok(certificateBundle(vault, entry, version));
  }
  before.policy = policy;
  before.versions.set(version.id, version);
  delete before.pending;
  syncManaged(vault, before);
  return ok(certificateBundle(vault, before, version));
}

const writing = { budget: 'secretOps', changes: true } as const;

export const certificateCreationOperations: Operation[] = [
  {
    name: 'certificates.create',
    method: 'POST',
    path: 'certificates/{name}/create',
    action: 'certificates/create/action',
    permission: 'create',
    ...writing,
    handle: create,
  },
  {
    name: 'certificates.import',
    method: 'POST',
    path: 'certificates/{name}/import',
    action: 'certificates/import/action',
    permission: 'import',
    ...writing,
    budget: 'createOps',
    handle: importCertificate,
  },
];
