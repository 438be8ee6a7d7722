/**
 * Certificate issuers of the vault: `zip: 0` is always there once org_details is. Whether the
 * service ever returns `pwd` is unknown; here it does not.
 */
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { ServiceError } from '../errors.ts';
import { page } from '../lists.ts';
import { asString, optionalBoolean, optionalObject, optionalString, parseBody } from '../validate.ts';
import { type Issuer, seconds, type Vault } from '../vault.ts';

function pick(call: Call): Issuer {
  const issuer = call.vault.issuers.get(nameOf(call));
  if (issuer === undefined) throw new ServiceError(404, 'CertificateIssuerNotFound', 'Issuer not found');
  return issuer;
}

function idOf(vault: Vault, issuer: Issuer): string {
  return `${vault.origin}/certificates/issuers/${issuer.name}`;
}

function view(vault: Vault, issuer: Issuer): Reply {
  const { provider, credentials, org_details, enabled, created, updated } = issuer;
  return ok({
    id: idOf(vault, issuer),
    provider,
    credentials: credentials === undefined ? undefined : { ...credentials, pwd: undefined },
    org_details: org_details === undefined ? undefined : { zip: 0, ...org_details },
    attributes: { enabled, created, updated },
  });
}

function set(call: Call): Reply {
  const { vault } = call;
  const body = parseBody(call.body);
  const now = seconds(vault);
  const issuer: Issuer = {
    name: nameOf(call),
    provider: asString(body['provider']),
    credentials: optionalObject(body['credentials']),
    org_details: optionalObject(body['org_details']),
    enabled: optionalBoolean(optionalObject(body['attributes'])?.['enabled']) ?? true,
    created: now,
    updated: now,
  };
  vault.issuers.put(issuer);
  return view(vault, issuer);
}

function update(call: Call): Reply {
  const issuer = pick(call);
  const body = parseBody(call.body);
  issuer.provider = optionalString(body['provider']) ?? issuer.provider;
  issuer.credentials = optionalObject(body['credentials']) ?? issuer.credentials;
  issuer.org_details = optionalObject(body['org_details']) ?? issuer.org_details;
  issuer.enabled = optionalBoolean(optionalObject(body['attributes'])?.['enabled']) ?? issuer.enabled;
  issuer.updated = seconds(call.vault);
  return view(call.vault, issuer);
}

function remove(call: Call): Reply {
  const issuer = pick(call);
  call.vault.issuers.remove(issuer.name);
  return view(call.vault, issuer);
}

function list(call: Call): Reply {
  const { vault } = call;
  return page(
    call,
    'certificates/issuers',
    (marker) => vault.issuers.from(marker),
    (issuer) => issuer.name.toUpperCase(),
    (issuer) => ({ id: idOf(vault, issuer), provider: issuer.provider }),
  );
}

const path = 'certificates/issuers/{name}';
const reading = { action: 'certificatecas/read', budget: 'secretOps', changes: false } as const;
const writing = {
  action: 'certificatecas/write',
  permission: 'setissuers',
  budget: 'secretOps',
  changes: true,
} as const;

export const issuerOperations: Operation[] = [
  {
    name: 'certificates.issuers.list',
    method: 'GET',
    path: 'certificates/issuers',
    permission: 'listissuers',
    ...reading,
    handle: list,
  },
  {
    name: 'certificates.issuers.get',
    method: 'GET',
    path,
    permission: 'getissuers',
    ...reading,
    handle: (call) => view(call.vault, pick(call)),
  },
  { name: 'certificates.issuers.set', method: 'PUT', path, ...writing, handle: set },
  { name: 'certificates.issuers.update', method: 'PATCH', path, ...writing, handle: update },
  {
    name: 'certificates.issuers.delete',
    method: 'DELETE',
    path,
    ...writing,
    action: 'certificatecas/delete',
    permission: 'deleteissuers',
    handle: remove,
  },
];
