/**
 * The version guard: lists the versions of the objects that are due (a full run: of all), so that the point tells how many each has before
 * the 501st past one makes its backups fail. After the captures, which come first, and in this invocation: a look is one
 * request for nearly every object, and needs no message of its own. What was looked at is written down in parts, and the
 * step takes what is missing. Whatever fails here is seen by a later run; no backup fails over it.
 */
import { versionsPartName, versionsPrefix } from '../domain/blobNames.ts';
import { isDueForInventory } from '../domain/inventory.ts';
import { type ObjectRef, objectKey } from '../domain/objects.ts';
import { instantOf } from '../domain/runId.ts';
import type { RunState } from '../domain/runState.ts';
import { encodeVersionsPart, parseVersionsPart, type VersionsRecord } from '../domain/versions.ts';
import { listPoints } from '../engine/catalog.ts';
import { lookAtVersions, seeAllPages } from '../engine/lookAtVersions.ts';
import type { GovernedVault } from '../ports/sourceVault.ts';
import type { BackupDeps, Step } from './deps.ts';
import { plannedLines, readOutcomes } from './evidence.ts';

/** Interruptions by a vault in trouble before the rest is left to a later run: the backup is made and should be sealed. */
const mostTries = 4;
/** Objects that failed are looked at besides, up to this many: too many versions may be why. */
const mostFailed = 100;

export const inventoryStep: Step = async (run, deps) => {
  const seal = { state: { ...run, step: 'seal' as const }, delayMs: 0 };
  const known = await readInventory(run, deps);
  const due = (await dueObjects(run, deps)).filter((object) => !known.has(objectKey(object)));
  if (due.length === 0) return seal;
  const vault = vaultOf(run.vault, deps);
  if (!vault) return seal;
  const look = await lookAtVersions(due, {
    clock: deps.clock,
    pace: vault.pace,
    see: (ref, asked) => seeAllPages(ref, vault.patientCalls, asked),
    trouble: (event, reason) =>
      deps.events.emit(event, { vault: run.vault, runId: run.runId, step: 'inventory', reason }),
  });
  if (look.records.length > 0) await writePart(look.records, run, deps);
  if (look.goOnInMs === null) return seal;
  const tries = run.inventory.tries + (look.goOnInMs > 0 ? 1 : 0);
  if (tries >= mostTries) return seal;
  return { state: { ...run, inventory: { tries } }, delayMs: look.goOnInMs };
};

/** Null for a vault that no plan has any more. */
function vaultOf(name: string, deps: BackupDeps): GovernedVault | null {
  try {
    return deps.vaultOf(name);
  } catch {
    return null;
  }
}

async function dueObjects(run: RunState, deps: BackupDeps): Promise<ObjectRef[]> {
  const rules = {
    startedAt: new Date(run.startedAt),
    previousAt: await previousRun(run, deps),
    everyDays: deps.settings.fullEveryDays,
  };
  const failed = await failedKeys(run, deps);
  const due: ObjectRef[] = [];
  for (const [key, passes] of await plannedLines(run, deps)) {
    const [first, last] = [passes[0]?.line, passes.at(-1)?.line];
    if (!first || !last || last.outcome === 'skipped') continue;
    if (run.full || failed.has(key) || isDueForInventory(first, rules)) due.push(last);
  }
  return due;
}

async function previousRun(run: RunState, deps: BackupDeps): Promise<Date | null> {
  const points = await listPoints(run.vault, deps);
  const last = points.filter(({ runId, status }) => runId < run.runId && status !== 'failed').at(-1);
  return last ? instantOf(last.runId) : null;
}

async function failedKeys(run: RunState, deps: BackupDeps): Promise<ReadonlySet<string>> {
  const failed = [...(await readOutcomes(run, deps))].filter(([, records]) =>
    records.some(({ outcome, reason }) => outcome === 'failed' && !reason?.startsWith('forbidden')),
  );
  return new Set(failed.slice(0, mostFailed).map(([key]) => key));
}

async function writePart(records: readonly VersionsRecord[], run: RunState, deps: BackupDeps): Promise<void> {
  await deps.state.create(versionsPartName(run.vault, run.runId, deps.newId()), {
    bytes: Buffer.from(encodeVersionsPart(records), 'utf8'),
    contentType: 'application/x-ndjson',
  });
}

/** By objectKey: what this run's inventory has looked at so far. Two invocations at once may both have looked. */
export async function readInventory(
  run: Pick<RunState, 'vault' | 'runId'>,
  deps: Pick<BackupDeps, 'state'>,
): Promise<Map<string, VersionsRecord>> {
  const records = new Map<string, VersionsRecord>();
  for await (const { name } of deps.state.list(versionsPrefix(run.vault, run.runId))) {
    const found = await deps.state.read(name);
    for (const record of parseVersionsPart(Buffer.from(found?.bytes ?? []).toString('utf8'))) {
      const before = records.get(objectKey(record))?.seen;
      if (!before || (record.seen && before.at < record.seen.at)) records.set(objectKey(record), record);
    }
  }
  return records;
}
