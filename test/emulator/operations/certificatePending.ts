/** The pending operation of a certificate: get, cancel, delete, merge. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { describe } from '../certificateImport.ts';
import { complete } from '../certificatePending.ts';
import { certificateBundle, operationView } from '../certificateViews.ts';
import { badParameter, forbidden, invalidProperty, ServiceError } from '../errors.ts';
import { findLive } from '../lifecycle.ts';
import type { CertificateEntry, PendingOperation } from '../model.ts';
import { optionalBoolean, optionalObject, parseBody, readTags, stringList } from '../validate.ts';
import { seconds } from '../vault.ts';
import { idOf } from '../views.ts';

function pick(call: Call, text = 'certificate'): [CertificateEntry, PendingOperation] {
  const entry = findLive(call.vault, 'certificate', nameOf(call));
  const wanted = call.query.get('request_id');
  const { pending } = entry;
  if (pending === undefined || (wanted !== null && wanted !== pending.requestId)) {
    throw new ServiceError(404, 'PendingCertificateNotFound', `Pending ${text} not found: ${entry.name}`);
  }
  return [entry, pending];
}

function get(call: Call): Reply {
  const [entry, pending] = pick(call);
  const headers: Record<string, string> = pending.status === 'inProgress' ? { 'Retry-After': '10' } : {};
  return { status: 200, body: operationView(call.vault, entry.name, pending), headers };
}

/** A self-signed certificate is cancelled when it would have completed; a foreign one stays in progress. */
function cancel(call: Call): Reply {
  const [entry, pending] = pick(call);
  if (optionalBoolean(parseBody(call.body)['cancellation_requested']) !== true) throw invalidProperty();
  if (pending.status !== 'inProgress') {
    throw badParameter('The certificate operation is not in progress and cannot be cancelled.');
  }
  pending.cancellationRequested = true;
  return ok(operationView(call.vault, entry.name, pending));
}

function remove(call: Call): Reply {
  const [entry, pending] = pick(call);
  delete entry.pending;
  return ok(operationView(call.vault, entry.name, pending));
}

function merge(call: Call): Reply {
  const { vault } = call;
  const [entry, pending] = pick(call, 'Certificate');
  if (pending.status !== 'inProgress' || pending.issued !== undefined) {
    throw forbidden('The pending certificate is not waiting for a merge.');
  }
  const body = parseBody(call.body);
  const chain = stringList(body['x5c']) ?? [];
  const cer = chain[0];
  if (cer === undefined) throw invalidProperty();
  const { jwk } = pending.version;
  if (!belongs(cer, pending)) {
    throw badParameter(
      'The public key of the end-entity certificate in the specified X.509 certificate content does not match the public part of the specified private key. Please check if certificate is valid.',
    );
  }
  const { nbf, exp } = describe(cer, jwk);
  const tags = readTags(body['tags']);
  const enabled = optionalBoolean(optionalObject(body['attributes'])?.['enabled']);
  Object.assign(pending.version, { nbf, exp, updated: seconds(vault) }, tags === undefined ? {} : { tags });
  pending.enableWhenIssued = enabled ?? pending.enableWhenIssued;
  pending.issued = { cer, chain: chain.slice(1) };
  complete(vault, entry);
  const location = `${idOf(vault, 'certificate', entry.name)}?api-version=${call.apiVersion}`;
  return {
    status: 201,
    body: certificateBundle(vault, entry, pending.version),
    headers: { Location: location },
  };
}

function belongs(cer: string, { version }: PendingOperation): boolean {
  try {
    const key = createPrivateKey({ key: version.jwk, format: 'jwk' });
    return new X509Certificate(Buffer.from(cer, 'base64')).checkPrivateKey(key);
  } catch {
    return false;
  }
}

const path = 'certificates/{name}/pending';
const updating = {
  action: 'certificates/update/action',
  permission: 'update',
  budget: 'secretOps',
  changes: true,
} as const;

export const pendingOperations: Operation[] = [
  {
    name: 'certificates.pending.get',
    method: 'GET',
    path,
    action: 'certificates/read',
    permission: 'get',
    budget: 'secretOps',
    changes: false,
    handle: get,
  },
  { name: 'certificates.pending.cancel', method: 'PATCH', path, ...updating, handle: cancel },
  { name: 'certificates.pending.delete', method: 'DELETE', path, ...updating, handle: remove },
  {
    name: 'certificates.pending.merge',
    method: 'POST',
    path: `${path}/merge`,
    ...updating,
    action: 'certificates/create/action',
    permission: 'create',
    handle: merge,
  },
];
