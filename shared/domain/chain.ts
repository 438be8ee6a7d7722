/**
 * The chain of recovery points: each names the one before it by digest, so that a point which was altered, removed or
 * slipped in is evident. Pure; the points come as they lie in the container.
 */
import { recoveryPointBlobName } from './blobNames.ts';
import type { Finding } from './verification.ts';

export interface ChainLink {
  readonly runId: string;
  /** SHA-256 of the point's own bytes. */
  readonly sha256: string;
  /** Undefined where the point cannot be read. */
  readonly previous: { readonly runId: string; readonly sha256: string } | null | undefined;
  readonly writtenAt: Date;
}

/** Points in order of their run ids, from the oldest that is still offered; what the oldest names may be gone. */
export function chainFindings(vault: string, links: readonly ChainLink[]): Finding[] {
  return links.slice(1).flatMap((link, index) => {
    if (link.previous === undefined) return [];
    const before = links.slice(0, index + 1);
    // A timer that comes past due names a run that lies before one by hand: it was not there for that one to name.
    const seen = before.filter(({ writtenAt }) => writtenAt < link.writtenAt).at(-1);
    const found = problemOf(vault, link.previous, before, seen);
    return found ? [{ ...found, reason: `recovery point ${link.runId} ${found.reason}` }] : [];
  });

  function problemOf(
    of: string,
    previous: ChainLink['previous'],
    before: readonly ChainLink[],
    seen: ChainLink | undefined,
  ): Finding | null {
    const named = before.find(({ runId }) => runId === previous?.runId);
    if (named && previous && named.sha256 !== previous.sha256)
      return broken(
        of,
        named.runId,
        `names ${named.runId} before it by another digest than it has: it was altered`,
      );
    if (previous && !named && previous.runId > (links[0]?.runId ?? ''))
      return broken(of, previous.runId, `names ${previous.runId} before it, which is not there any more`);
    if (seen && previous?.runId !== seen.runId && (previous?.runId ?? '') < seen.runId)
      return broken(
        of,
        seen.runId,
        `does not name ${seen.runId} before it, which was there: one of them was slipped in`,
      );
    return null;
  }
}

/** The newest point that the verification before saw must still be there as it was, until it expires. */
export function headFinding(
  vault: string,
  head: { runId: string; sha256: string },
  links: readonly ChainLink[],
): Finding | null {
  const found = links.find(({ runId }) => runId === head.runId);
  if (found?.sha256 === head.sha256) return null;
  const what = found ? 'has another digest than' : 'is not there any more, and was the newest';
  return broken(
    vault,
    head.runId,
    `recovery point ${head.runId} ${what} when the verification before looked`,
  );
}

const broken = (vault: string, runId: string, reason: string): Finding => ({
  what: 'chain',
  blob: recoveryPointBlobName(vault, runId),
  object: null,
  namedBy: null,
  reason,
});
