/**
 * Reads what of an object may leave its vault: a secret's values, an exportable certificate with key and chain, and of
 * everything else the public part. What may not leave is no failure; it is told.
 */
import { describeTags } from '../domain/objects.ts';
import type { CopiedVersion, CopyContent } from '../domain/portableCopy.ts';
import type { PortableLine } from '../domain/portablePoint.ts';
import type { GovernedReadable, ReadCertificate, ReadVersion } from '../ports/readableVault.ts';
import type { VersionFacts } from '../ports/targetVault.ts';

export type ObjectFacts = Partial<Omit<PortableLine, 'kind' | 'name' | 'outcome'>>;

export type ReadResult =
  | { readonly content: CopyContent; readonly facts: ObjectFacts }
  | { readonly outcome: 'notExportable' | 'disabled' | 'pending'; readonly facts: ObjectFacts };

const neverReadable = 'a disabled value cannot be read';

export async function readSecret(name: string, wanted: number, vault: GovernedReadable): Promise<ReadResult> {
  // The first call may go back to the queue; those after it wait in their slot, or a long history would never end.
  const current = await vault.calls.secret(name, null);
  if (current === null) return { outcome: 'disabled', facts: { reason: neverReadable } };
  const past = await pastVersions({ kind: 'secret', name }, current.version, wanted, vault);
  const versions = [...past.versions, withoutDate(current)];
  return {
    content: { format: 1, kind: 'secret', name, versions, policy: null },
    facts: { ...factsOf(current), versions: versions.length, leftOut: past.leftOut },
  };
}

export async function readCertificate(
  name: string,
  wanted: number,
  vault: GovernedReadable,
): Promise<ReadResult> {
  const certificate = await vault.calls.certificate(name);
  const facts = certificateFacts(certificate);
  if (certificate.cer === null)
    return { outcome: 'pending', facts: { ...facts, reason: 'it has not been issued yet' } };
  const kept = { ...facts, certificate: certificate.cer };
  if (!certificate.enabled) return { outcome: 'disabled', facts: { ...kept, reason: neverReadable } };
  const locked = 'its policy keeps the private key in the vault; its public part is in the index';
  if (certificate.policy.key_props?.exportable === false)
    return { outcome: 'notExportable', facts: { ...kept, reason: locked } };
  const current = await vault.patientCalls.secret(name, certificate.version);
  if (current === null) return { outcome: 'disabled', facts: { ...kept, reason: neverReadable } };
  if (isPublicPem(current)) return { outcome: 'notExportable', facts: { ...kept, reason: locked } };
  const past = await pastVersions({ kind: 'certificate', name }, certificate.version, wanted, vault);
  const versions = [...past.versions, { ...withoutDate(current), x5t: certificate.x5t }];
  return {
    content: { format: 1, kind: 'certificate', name, versions, policy: certificate.policy },
    facts: { ...facts, versions: versions.length, leftOut: past.leftOut },
  };
}

export async function readKey(name: string, vault: GovernedReadable): Promise<ReadResult> {
  const { jwk, vaultDate } = await vault.calls.publicKey(name);
  const version = typeof jwk['kid'] === 'string' ? (jwk['kid'].split('/').at(-1) ?? null) : null;
  const reason = 'a key never leaves its vault; its public part is in the index';
  return {
    outcome: 'notExportable',
    facts: { reason, publicKey: jwk, currentVersion: version, capturedAt: vaultDate },
  };
}

/** The newest ones before the current, oldest first. */
async function pastVersions(
  ref: { kind: 'secret' | 'certificate'; name: string },
  current: string,
  wanted: number,
  { patientCalls }: GovernedReadable,
): Promise<{ versions: CopiedVersion[]; leftOut: PortableLine['leftOut'] }> {
  if (wanted === 0) return { versions: [], leftOut: null };
  const seen: VersionFacts[] = [];
  for (let next: string | null = null, pages = 0; pages === 0 || next !== null; pages += 1) {
    const page = await patientCalls.versionsPage(ref, next);
    seen.push(...page.versions.filter(({ version }) => version !== current));
    next = page.next;
  }
  const ordered = seen.sort((a, b) => (a.created ?? 0) - (b.created ?? 0));
  const taken = ordered.slice(-wanted);
  const versions: CopiedVersion[] = [];
  for (const { version, enabled, x5t } of taken) {
    const read = enabled === false ? null : await patientCalls.secret(ref.name, version);
    if (read !== null && !(ref.kind === 'certificate' && isPublicPem(read)))
      versions.push({ ...withoutDate(read), x5t });
  }
  const leftOut = { older: ordered.length - taken.length, disabled: taken.length - versions.length };
  return { versions, leftOut };
}

const withoutDate = ({ vaultDate: _vaultDate, ...version }: ReadVersion): CopiedVersion => version;

const isPublicPem = ({ contentType, value }: CopiedVersion): boolean =>
  contentType === 'application/x-pem-file' && !value.includes('PRIVATE KEY');

const factsOf = (read: ReadVersion): ObjectFacts => ({
  capturedAt: read.vaultDate,
  currentVersion: read.version,
  created: read.created,
  updated: read.updated,
  enabled: read.enabled,
  notBefore: read.notBefore,
  expires: read.expires,
  contentType: read.contentType,
  tagsDigest: describeTags(read.tags).tagsDigest,
});

const certificateFacts = (seen: ReadCertificate): ObjectFacts => ({
  capturedAt: seen.vaultDate,
  currentVersion: seen.version,
  created: seen.created,
  updated: seen.updated,
  enabled: seen.enabled,
  notBefore: seen.notBefore,
  expires: seen.expires,
  tagsDigest: seen.tagsDigest,
  x5t: seen.x5t,
  issuer: seen.policy.issuer?.name ?? null,
});
