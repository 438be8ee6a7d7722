/**
 * Takes a comparison with a live vault one step further (engine/advance.ts): lists the vault, then the versions of what a
 * secondary has in common with the point, then compares. Each step takes what is missing, so it may be repeated, doubled or
 * die on any line. A kind that may not be listed is named as unknown; a vault in trouble is waited for.
 */
import { recoveryPointBlobName } from '../domain/blobNames.ts';
import { asBackupError, BackupError, NotNow } from '../domain/errors.ts';
import type { AdvanceDiff } from '../domain/jobs.ts';
import type { DiffState } from '../domain/liveDiff.ts';
import { kinds, objectKey } from '../domain/objects.ts';
import type { IndexLine } from '../domain/recoveryPoint.ts';
import { openLine } from '../domain/runPlan.ts';
import { type AdvanceResult, advance, type StepResult } from '../engine/advance.ts';
import { readIndex, readPoint } from '../engine/catalog.ts';
import { lookAtVersions } from '../engine/lookAtVersions.ts';
import { concluded } from './conclude.ts';
import type { DiffDeps, LiveVault } from './deps.ts';
import { readDiff, readListing, readVersions, writeDiff, writeListing, writeVersions } from './diffStore.ts';
import { advanceDiffMessage } from './requestDiff.ts';

const mostTries = 20;
const longestWaitMs = 60_000;

/** A comparison is only taken up by the queue of its role: only those functions call these vaults. */
export function advanceDiff(
  { id }: AdvanceDiff,
  role: DiffState['live']['role'],
  deps: DiffDeps,
): Promise<AdvanceResult> {
  return advance<DiffState, string>({
    clock: deps.clock,
    async read() {
      const found = await readDiff(id, deps);
      const mine = found?.diff.status === 'running' && found.diff.live.role === role;
      return mine ? { state: found.diff, held: found.etag } : null;
    },
    step: (diff, overdue) =>
      overdue
        ? Promise.resolve(
            failed(diff, `notReached: ${diff.reason ?? 'the vault was not through by the deadline'}`, deps),
          )
        : step(diff, deps),
    putBack: (diff, delayMs) =>
      deps.queueOf(diff.live).send(advanceDiffMessage(diff), { delaySeconds: delayMs / 1000 }),
    write: (diff, _ended, etag) => writeDiff(diff, etag, deps),
  });
}

async function step(diff: DiffState, deps: DiffDeps): Promise<StepResult<DiffState>> {
  try {
    const vault = deps.liveOf(diff.live);
    if (diff.listing === null) return await list(diff, vault, deps);
    const { point, lines } = await pointOf(diff, deps);
    const live = await readListing(diff.id, diff.listing, deps);
    const versions = await readVersions(diff.id, deps);
    const { versions: ask } = vault.patientCalls;
    if (ask) {
      const there = new Set(live.map(objectKey));
      const due = inBoth(lines, there).filter((line) => !versions.has(objectKey(line)));
      if (due.length > 0) return await look(diff, due, { vault, ask }, deps);
    }
    return await concluded(diff, { point, lines, live, versions: ask ? versions : null }, deps);
  } catch (error) {
    return later(diff, error, deps);
  }
}

/** What was backed up and is there: whose versions can be compared. */
const inBoth = (lines: readonly IndexLine[], there: ReadonlySet<string>) =>
  lines.filter((line) => line.blob !== null && there.has(objectKey(line)));

async function list(diff: DiffState, vault: LiveVault, deps: DiffDeps): Promise<StepResult<DiffState>> {
  const lines: IndexLine[] = [];
  const unknown: DiffState['unknown'] = [];
  let requests = 0;
  try {
    for (const kind of kinds) {
      const ofKind: IndexLine[] = [];
      try {
        for (let next: string | null = null, first = true; first || next !== null; first = false) {
          requests += 1;
          const page = await vault.patientCalls.listPage(kind, next);
          ofKind.push(...page.objects.map((object) => ({ ...openLine(object), outcome: 'stored' as const })));
          next = page.next;
        }
        lines.push(...ofKind);
      } catch (error) {
        if (!(error instanceof BackupError) || error.code !== 'forbidden') throw error;
        unknown.push({ kind, reason: `${error.message}. ${error.hint}` });
      }
    }
  } finally {
    uncount(requests, vault);
  }
  const counted = { ...diff, requests: diff.requests + requests };
  const [refusal] = unknown;
  if (refusal && unknown.length === kinds.length) return failed(counted, refusal.reason, deps);
  const listing = deps.newId();
  await writeListing(diff.id, listing, lines, deps);
  return { state: { ...counted, listing, unknown }, delayMs: 0 };
}

async function look(
  diff: DiffState,
  due: readonly IndexLine[],
  { vault, ask }: { vault: LiveVault; ask: NonNullable<LiveVault['patientCalls']['versions']> },
  deps: DiffDeps,
): Promise<StepResult<DiffState>> {
  let requests = 0;
  const { records, goOnInMs } = await lookAtVersions(due, {
    clock: deps.clock,
    pace: vault.pace,
    async see(ref, asked) {
      asked.pages = 1;
      requests += 1;
      return { versions: await ask(ref), at: deps.clock.now().toISOString() };
    },
    trouble: (event, reason) =>
      deps.events.emit(event, { vault: diff.live.name, runId: null, step: 'diff', reason }),
  });
  uncount(requests, vault);
  // A kind that is refused is not asked again: what was not looked at is written down as unseen.
  const looked = new Set(records.map(objectKey));
  const left = goOnInMs === null ? due.filter((line) => !looked.has(objectKey(line))) : [];
  const unseen = left.map(({ kind, name }) => ({ kind, name, pages: 0, seen: null }));
  await writeVersions(diff.id, deps.newId(), [...records, ...unseen], deps);
  const counted = { ...diff, requests: diff.requests + requests };
  if (goOnInMs === null || goOnInMs === 0) return { state: counted, delayMs: 0 };
  return later(counted, new NotNow(goOnInMs), deps);
}

/** The calls of a comparison are its own, not those of a run that goes on beside it. */
const uncount = (requests: number, { meter }: LiveVault) =>
  meter.giveBack({ vault: -requests, throttled: 0 });

/** Read again from the container, and held against the digest that was noted when the request came in. */
async function pointOf(diff: DiffState, deps: DiffDeps) {
  const stored = await readPoint(recoveryPointBlobName(diff.vault, diff.point.runId), deps);
  if (stored?.sha256 !== diff.point.sha256)
    throw new BackupError(
      'corruptBlob',
      `the recovery point ${diff.point.runId} is not the one that was chosen any more`,
      {
        hint: 'Somebody changed the container. Choose another recovery point, and find out who.',
      },
    );
  return { point: stored.point, lines: await readIndex(stored.point, deps) };
}

function later(diff: DiffState, error: unknown, deps: DiffDeps): StepResult<DiffState> {
  const known = error instanceof NotNow ? error : asBackupError(error);
  const reason = known instanceof NotNow ? known.message : `${known.message}. ${known.hint}`;
  const hopeless =
    known instanceof BackupError && ['invalid', 'corruptBlob', 'forbidden'].includes(known.code);
  const tries = diff.tries + 1;
  if (hopeless || tries >= mostTries) return failed({ ...diff, tries }, reason, deps);
  const waitMs = known instanceof NotNow ? known.delayMs : Math.min(longestWaitMs, 1000 * 2 ** diff.tries);
  return { state: { ...diff, tries, reason }, delayMs: Math.max(1000, waitMs) };
}

function failed(diff: DiffState, reason: string, deps: DiffDeps): StepResult<DiffState> {
  const endedAt = deps.clock.now().toISOString();
  return { state: { ...diff, status: 'failed', reason, endedAt }, delayMs: 0, ended: true };
}
