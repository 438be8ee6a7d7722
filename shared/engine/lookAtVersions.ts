/** Lists versions object by object, a few at once and for a bounded time, within the vault's budget. Never rejects over the vault. */
import { asBackupError, NotNow } from '../domain/errors.ts';
import { laneOf, lanes, type ObjectRef, objectKey } from '../domain/objects.ts';
import { describeVersions, type VersionsRecord } from '../domain/versions.ts';
import type { Clock } from '../ports/clock.ts';
import type { SourceVault, VaultPace } from '../ports/sourceVault.ts';
import type { VersionFacts } from '../ports/targetVault.ts';
import { mapConcurrently } from './mapConcurrently.ts';

const atOnce = { objects: 16, keys: 4 } as const;
/** Then a slot is given back; well below functionTimeout and the lease of the message that holds it. */
const longestLookMs = 2 * 60_000;
/** Pages of 25: twice what a backup can carry. A count that reaches it means that many or more. */
const mostPages = 40;

export interface Seen {
  readonly versions: readonly Pick<VersionFacts, 'version' | 'created'>[];
  /** When they were seen. */
  readonly at: string;
}

export interface Looking {
  readonly clock: Clock;
  readonly pace: Pick<VaultPace, 'pausedForMs' | 'sawUnreachable'>;
  /** Counts its requests in `asked`, also when it rejects. */
  see(ref: ObjectRef, asked: { pages: number }): Promise<Seen>;
  trouble(event: 'vault.unreachable' | 'vault.throttled', reason: string): void;
}

export interface Look {
  /** One per object that was looked at, whether it could be or not. */
  readonly records: VersionsRecord[];
  /** Null when nothing is left to look at; else how long to wait before going on, 0 if only the time was up. */
  readonly goOnInMs: number | null;
}

export async function lookAtVersions(due: readonly ObjectRef[], looking: Looking): Promise<Look> {
  const { clock, pace } = looking;
  const records: VersionsRecord[] = [];
  const until = clock.now().getTime() + longestLookMs;
  const refused = new Set<ObjectRef['kind']>();
  let goOnInMs: number | null = null;
  const stop = (ms: number) => {
    goOnInMs = Math.max(goOnInMs ?? 0, ms);
  };

  async function look(ref: ObjectRef): Promise<void> {
    if (goOnInMs !== null || refused.has(ref.kind)) return;
    if (clock.now().getTime() >= until) return stop(0);
    const { kind, name } = ref;
    const asked = { pages: 0 };
    try {
      const { versions, at } = await looking.see(ref, asked);
      records.push({ kind, name, pages: asked.pages, seen: describeVersions(versions, at) });
    } catch (error) {
      if (error instanceof NotNow) return stop(Math.max(1000, error.delayMs));
      const { code, message } = asBackupError(error);
      const outage = code === 'unreachable' && pace.sawUnreachable(objectKey(ref));
      if (outage || code === 'throttled') {
        looking.trouble(outage ? 'vault.unreachable' : 'vault.throttled', message);
        return stop(Math.max(1000, pace.pausedForMs()));
      }
      if (code === 'forbidden') refused.add(kind);
      records.push({ kind, name, pages: asked.pages, seen: null });
    }
  }
  await Promise.all(
    lanes.map((lane) => {
      const own = due.filter(({ kind }) => laneOf(kind) === lane);
      return mapConcurrently(atOnce[lane], own, look);
    }),
  );
  return { records, goOnInMs };
}

/** All versions of an object of a source, page by page, dated by the vault when the first page came. */
export async function seeAllPages(
  ref: ObjectRef,
  calls: Pick<SourceVault, 'versionsPage'>,
  asked: { pages: number },
): Promise<Seen> {
  const versions: VersionFacts[] = [];
  let at = '';
  for (let next: string | null = null; asked.pages === 0 || (next !== null && asked.pages < mostPages); ) {
    asked.pages += 1;
    const page = await calls.versionsPage(ref, next);
    at ||= page.vaultDate;
    versions.push(...page.versions);
    next = page.next;
  }
  return { versions, at };
}
