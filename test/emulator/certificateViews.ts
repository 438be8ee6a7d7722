/**
 * How certificates, their policies and pending operations look on the wire. While the first version
 * is being issued the bundle has no kid, sid, x5t and cer.
 */
import { createHash } from 'node:crypto';
import type { CertificateEntry, CertificatePolicy, CertificateVersion, PendingOperation } from './model.ts';
import type { Vault } from './vault.ts';
import { attributesOf, idOf } from './views.ts';

/** SHA-1 of the DER, base64url: 27 characters. */
export function thumbprint(cer: string): string {
  return createHash('sha1').update(Buffer.from(cer, 'base64')).digest('base64url');
}

export function certificateBundle(vault: Vault, entry: CertificateEntry, version: CertificateVersion) {
  const { name } = entry;
  const issued = version.cer !== undefined;
  return {
    id: idOf(vault, 'certificate', name, version.id),
    kid: issued ? idOf(vault, 'key', name, version.id) : undefined,
    sid: issued ? idOf(vault, 'secret', name, version.id) : undefined,
    x5t: version.cer === undefined ? undefined : thumbprint(version.cer),
    cer: version.cer,
    attributes: attributesOf(vault, version),
    tags: version.tags,
    policy: policyView(vault, name, entry.policy),
    pending: entry.pending === undefined ? undefined : { id: pendingId(vault, name) },
  };
}

export function certificateItem(
  vault: Vault,
  entry: CertificateEntry,
  version: CertificateVersion,
  versioned: boolean,
) {
  return {
    id: idOf(vault, 'certificate', entry.name, versioned ? version.id : undefined),
    x5t: version.cer === undefined ? undefined : thumbprint(version.cer),
    attributes: attributesOf(vault, version),
    tags: version.tags,
  };
}

export function policyView(vault: Vault, name: string, policy: CertificatePolicy) {
  return { id: `${idOf(vault, 'certificate', name)}/policy`, ...policy };
}

export function pendingId(vault: Vault, name: string): string {
  return `${idOf(vault, 'certificate', name)}/pending`;
}

export function operationView(vault: Vault, name: string, pending: PendingOperation) {
  return {
    id: pendingId(vault, name),
    issuer: { name: pending.issuer },
    csr: pending.csr,
    cancellation_requested: pending.cancellationRequested,
    status: pending.status,
    status_details: pending.status === 'inProgress' ? details(pending) : undefined,
    target: pending.status === 'completed' ? idOf(vault, 'certificate', name) : undefined,
    request_id: pending.requestId,
  };
}

function details({ issuer }: PendingOperation): string {
  const next =
    issuer === 'Unknown'
      ? 'Please Perform Merge to complete the request.'
      : 'Certificate request is in progress. This may take some time based on the issuer provider. Please check again later.';
  return `Pending certificate created. ${next}`;
}
