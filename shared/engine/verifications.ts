/** Verification records as they lie in the audit container, and what they found bad. Metadata tells which need a read. */
import { parseVerificationRecordName, verificationRecordPrefix } from '../domain/blobNames.ts';
import { instantOf } from '../domain/runId.ts';
import { parseStored } from '../domain/stored.ts';
import {
  isThorough,
  type VerificationFacts,
  type VerificationRecord,
  verificationFacts,
  verificationRecord,
} from '../domain/verification.ts';
import type { ImmutableContainer } from '../ports/containers.ts';

interface AuditDeps {
  readonly audit: ImmutableContainer;
}

export interface VerificationEntry {
  readonly id: string;
  readonly blob: string;
  readonly startedAt: Date;
  readonly facts: VerificationFacts;
}

/** All records of a vault, oldest first. What somebody else wrote there is passed over. */
export async function listVerifications(vault: string, { audit }: AuditDeps): Promise<VerificationEntry[]> {
  const entries: VerificationEntry[] = [];
  for await (const { name, metadata } of audit.list(verificationRecordPrefix(vault))) {
    const parsed = parseVerificationRecordName(name);
    const startedAt = parsed && instantOf(parsed.instant);
    const facts = verificationFacts.safeParse(metadata);
    if (parsed && startedAt && facts.success)
      entries.push({ id: parsed.id, blob: name, startedAt, facts: facts.data });
  }
  return entries;
}

export async function readVerification(
  blob: string,
  { audit }: AuditDeps,
): Promise<VerificationRecord | null> {
  const found = await audit.read(blob);
  return found && parseStored(blob, found.bytes, verificationRecord, 'immutable');
}

/** The newest that looked at the whole vault and checked all it should. */
export const newestThorough = (entries: readonly VerificationEntry[]): VerificationEntry | undefined =>
  entries.filter(({ facts }) => isThorough(facts)).at(-1);

/** Blobs that a verification since then found missing or corrupt. */
export async function badBlobs(vault: string, since: Date, deps: AuditDeps): Promise<ReadonlySet<string>> {
  const bad = new Set<string>();
  for (const { blob, facts } of await listVerifications(vault, deps)) {
    if (facts.findings === 0 || Date.parse(facts.ended) < since.getTime()) continue;
    const record = await readVerification(blob, deps);
    for (const found of record?.findings ?? [])
      if (found.what === 'missing' || found.what === 'corrupt') bad.add(found.blob);
  }
  return bad;
}
