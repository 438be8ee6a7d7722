/** What earlier verifications of the vault leave to this one: from when to go on, what to find again, what is known bad. */
import { asBackupError } from '../domain/errors.ts';
import { type Finding, findingKey, type VerificationRecord } from '../domain/verification.ts';
import type { VerifyState } from '../domain/verifyState.ts';
import { listVerifications, newestThorough, readVerification } from '../engine/verifications.ts';
import type { VerifyDeps } from './deps.ts';

export interface Earlier {
  /** Null: everything is to be checked. */
  readonly since: string | null;
  readonly head: { readonly runId: string; readonly sha256: string } | null;
  /** Blobs that are checked every time, until no point names them. */
  readonly bad: ReadonlySet<string>;
  readonly known: readonly string[];
}

/** Null if it cannot be read, for ever: it is immutable. Then this one begins anew. */
async function readable(blob: string, deps: VerifyDeps): Promise<VerificationRecord | null> {
  try {
    return await readVerification(blob, deps);
  } catch (error) {
    if (asBackupError(error).code === 'corruptBlob') return null;
    throw error;
  }
}

export async function earlierVerifications(
  { id, vault, scope }: VerifyState,
  deps: VerifyDeps,
): Promise<Earlier> {
  const entries = (await listVerifications(vault, deps)).filter((entry) => entry.id !== id);
  const base = newestThorough(entries);
  const record = base ? await readable(base.blob, deps) : null;
  const findings: Finding[] = [...(record?.findings ?? [])];
  for (const { blob, facts } of base ? entries.slice(entries.indexOf(base) + 1) : entries)
    if (facts.findings > 0) findings.push(...((await readable(blob, deps))?.findings ?? []));
  // Shares of another size do not go on from each other.
  const goesOn = scope === 'daily' && record?.verifyEveryDays === deps.settings.verifyEveryDays;
  return {
    since: goesOn ? (record.listedAt ?? null) : null,
    head: record?.head ?? null,
    bad: new Set(findings.map(({ blob }) => blob)),
    known: [...new Set(findings.map(findingKey))],
  };
}
