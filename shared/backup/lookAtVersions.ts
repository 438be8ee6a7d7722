/** Lists versions object by object, a few at once and for a bounded time, within the vault's budget. Never rejects over the vault. */
import { asBackupError, NotNow } from '../domain/errors.ts';
import { laneOf, lanes, type ObjectRef, objectKey } from '../domain/objects.ts';
import type { RunState } from '../domain/runState.ts';
import type { VersionsRecord } from '../domain/versions.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import type { GovernedVault, SourceVault } from '../ports/sourceVault.ts';
import type { BackupDeps } from './deps.ts';

const atOnce = { objects: 16, keys: 4 } as const;
/** Then a slot is given back; well below functionTimeout and the lease of the message that holds it. */
const longestLookMs = 2 * 60_000;
/** Pages of 25: twice what a backup can carry. A count that reaches it means that many or more. */
const mostPages = 40;

export interface Look {
  /** One per object that was looked at, whether it could be or not. */
  readonly records: VersionsRecord[];
  /** Null when nothing is left to look at; else how long to wait before going on, 0 if only the time was up. */
  readonly goOnInMs: number | null;
}

export async function lookAtVersions(
  due: readonly ObjectRef[],
  run: RunState,
  deps: BackupDeps,
): Promise<Look> {
  const records: VersionsRecord[] = [];
  const vault = vaultOf(run.vault, deps);
  if (!vault) return { records, goOnInMs: null };
  const until = deps.clock.now().getTime() + longestLookMs;
  const refused = new Set<ObjectRef['kind']>();
  let goOnInMs: number | null = null;
  const stop = (ms: number) => {
    goOnInMs = Math.max(goOnInMs ?? 0, ms);
  };

  async function look(ref: ObjectRef): Promise<void> {
    if (goOnInMs !== null || refused.has(ref.kind) || !vault) return;
    if (deps.clock.now().getTime() >= until) return stop(0);
    const asked = { pages: 0 };
    try {
      records.push(await seeVersions(ref, vault.patientCalls, asked));
    } catch (error) {
      if (error instanceof NotNow) return stop(Math.max(1000, error.delayMs));
      const { code, message } = asBackupError(error);
      const outage = code === 'unreachable' && vault.pace.sawUnreachable(objectKey(ref));
      if (outage || code === 'throttled') {
        const event = outage ? 'vault.unreachable' : 'vault.throttled';
        deps.events.emit(event, { vault: run.vault, runId: run.runId, step: 'inventory', reason: message });
        return stop(Math.max(1000, vault.pace.pausedForMs()));
      }
      if (code === 'forbidden') refused.add(ref.kind);
      records.push({ kind: ref.kind, name: ref.name, pages: asked.pages, seen: null });
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

/** Null for a vault that no plan has any more. */
function vaultOf(name: string, deps: BackupDeps): GovernedVault | null {
  try {
    return deps.vaultOf(name);
  } catch {
    return null;
  }
}

async function seeVersions(
  { kind, name }: ObjectRef,
  calls: SourceVault,
  asked: { pages: number },
): Promise<VersionsRecord> {
  let versions = 0;
  let created = -1;
  let newest: string[] = [];
  let at: string | null = null;
  for (let next: string | null = null; asked.pages === 0 || (next !== null && asked.pages < mostPages); ) {
    asked.pages += 1;
    const page = await calls.versionsPage({ kind, name }, next);
    at ??= page.vaultDate;
    versions += page.versions.length;
    for (const version of page.versions) {
      const madeAt = version.created ?? -1;
      if (madeAt > created) newest = [];
      created = Math.max(created, madeAt);
      if (madeAt === created) newest.push(version.version);
    }
    next = page.next;
  }
  const { pages } = asked;
  const [version = null] = newest.length === 1 ? newest : [];
  // None: it was deleted since it was listed.
  if (versions === 0 || at === null) return { kind, name, pages, seen: null };
  return { kind, name, pages, seen: { versions, at, created: created < 0 ? null : created, version } };
}
