/**
 * Looks at everything that can be seen without reading blobs, and decides which blobs to read. Order: the vault's blobs,
 * then its active run, then its points. A run that ends meanwhile has then either no blob in the list or its point, so
 * that nothing of it is taken for unnamed; a named blob that is not in the list is looked for once more by its job.
 */

import { readVaultState } from '../backup/runStore.ts';
import { vaultPrefix } from '../domain/blobNames.ts';
import { chainFindings, headFinding } from '../domain/chain.ts';
import { unnamedOf } from '../domain/unnamed.ts';
import type { Finding } from '../domain/verification.ts';
import { isDue } from '../domain/verifyShare.ts';
import type { VerifyState } from '../domain/verifyState.ts';
import type { BlobFacts } from '../ports/containers.ts';
import type { VerifyDeps, VerifyStepOf } from './deps.ts';
import { type Earlier, earlierVerifications } from './earlier.ts';
import { expiredBy, type NamedBlob, type OfferedPoints, readNamed, readPoints } from './readPoints.ts';
import { writeVerifyPlan } from './verifyStore.ts';

/** Our clock and storage's may differ by two minutes: what was written about then is checked once more. */
const clockToleranceMs = 5 * 60_000;

export const verifyPlanStep: VerifyStepOf = async (verification, deps) => {
  const listedAt = deps.clock.now().toISOString();
  const whole = verification.scope !== 'recoveryPoint';
  const blobs = new Map<string, BlobFacts>();
  if (whole)
    for await (const facts of deps.backups.list(vaultPrefix(verification.vault)))
      blobs.set(facts.name, facts);
  const active = whole ? (await readVaultState(deps.state, verification.vault)).run : null;
  const points = await readPoints(verification, deps);
  const earlier = await earlierVerifications(verification, deps);

  const seenUntil = earlier.since === null ? -1 : Date.parse(earlier.since) - clockToleranceMs;
  const { named, findings } = await readNamed(points.offered, seenUntil, deps);
  const { since } = earlier;
  const rotation = { since, now: listedAt, everyDays: deps.settings.verifyEveryDays };
  const toCheck = named.filter(
    (blob) =>
      !blob.seen ||
      isDue(blob.blob, rotation) ||
      earlier.bad.has(blob.blob) ||
      (whole && differs(blob, blobs.get(blob.blob))),
  );
  const { offered } = points;
  const newest = offered.at(-1);
  const isNamed = namesOf(named, points);
  const notes = {
    listedAt,
    since,
    head: newest ? { runId: newest.runId, sha256: newest.sha256 } : null,
    points: { count: offered.length, oldest: offered[0]?.runId ?? null, newest: newest?.runId ?? null },
    named: named.length,
    unnamed: unnamedOf(blobs.values(), {
      named: (name) => isNamed.has(name),
      sealed: points.sealed,
      active: active?.runId ?? null,
      expired: (runId) => expiredBy(runId, deps),
    }),
    findings: [...points.findings, ...findings, ...(whole ? chain(verification, points, earlier, deps) : [])],
    known: [...earlier.known],
    toCheck: toCheck.length,
  };
  const planId = deps.newId();
  const expected = toCheck.map(({ seen: _seen, ...blob }) => blob);
  const parts = await writeVerifyPlan(verification.id, planId, { notes, blobs: expected }, deps);
  return { state: { ...verification, step: 'check', planId, parts }, delayMs: 0 };
};

/** What the list tells of a blob is not as the point says: its job decides. */
const differs = ({ size, sha256 }: NamedBlob, facts: BlobFacts | undefined): boolean =>
  !facts || facts.size !== size || (facts.metadata['sha256'] ?? sha256) !== sha256;

const namesOf = (named: readonly NamedBlob[], { offered }: OfferedPoints): ReadonlySet<string> =>
  new Set([...named.map(({ blob }) => blob), ...offered.flatMap(({ point }) => point?.index.blob ?? [])]);

function chain(
  { vault }: VerifyState,
  { offered }: OfferedPoints,
  { head }: Earlier,
  deps: VerifyDeps,
): Finding[] {
  const lost = head && !expiredBy(head.runId, deps) ? headFinding(vault, head, offered) : null;
  const broken = chainFindings(vault, offered);
  return lost && !broken.some(({ blob }) => blob === lost.blob) ? [...broken, lost] : broken;
}
