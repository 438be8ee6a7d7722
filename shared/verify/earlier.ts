/** What earlier verifications of the vault leave to this one: from when to go on, what to find again, what is known bad. */
import { type Finding, findingKey } from '../domain/verification.ts';
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

export async function earlierVerifications(
  { id, vault, scope }: VerifyState,
  deps: VerifyDeps,
): Promise<Earlier> {
  const entries = (await listVerifications(vault, deps)).filter((entry) => entry.id !== id);
  const base = newestThorough(entries);
  const record = base ? await readVerification(base.blob, deps) : null;
  const findings: Finding[] = [...(record?.findings ?? [])];
  for (const { blob, facts } of base ? entries.slice(entries.indexOf(base) + 1) : entries)
    if (facts.findings > 0) findings.push(...((await readVerification(blob, deps))?.findings ?? []));
  // Shares of another size do not go on from each other.
  const goesOn = scope === 'daily' && record?.verifyEveryDays === deps.settings.verifyEveryDays;
  return {
    since: goesOn ? (record.listedAt ?? null) : null,
    head: record?.head ?? null,
    bad: new Set(findings.map(({ blob }) => blob)),
    known: [...new Set(findings.map(findingKey))],
  };
}
