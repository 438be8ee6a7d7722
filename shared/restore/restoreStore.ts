/** Reads and conditionally writes a restore's state; writes and reads what the jobs wrote down. */
import {
  restoreOutcomeName,
  restoreOutcomePrefix,
  restorePlanName,
  restoreStateName,
} from '../domain/blobNames.ts';
import { asBackupError } from '../domain/errors.ts';
import { kinds, type ObjectRef, objectKey, pluralOf } from '../domain/objects.ts';
import { type PlannedObject, plannedObject } from '../domain/restorePlan.ts';
import {
  type OutcomeRecord,
  outcomeRecord,
  type RestoreState,
  restoreState,
} from '../domain/restoreState.ts';
import { parseStored } from '../domain/stored.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import type { BlobFacts } from '../ports/containers.ts';
import type { RestoreDeps } from './deps.ts';

type StateDeps = Pick<RestoreDeps, 'state'>;

const json = (value: unknown) => ({
  bytes: Buffer.from(JSON.stringify(value), 'utf8'),
  contentType: 'application/json',
});

export async function readRestore(
  id: string,
  { state }: StateDeps,
): Promise<{ restore: RestoreState; etag: string } | null> {
  const name = restoreStateName(id);
  const found = await state.readTagged(name);
  return found && { restore: parseStored(name, found.bytes, restoreState, 'state'), etag: found.etag };
}

/** False if somebody else wrote first; a null etag creates. */
export async function writeRestore(
  restore: RestoreState,
  etag: string | null,
  { state }: StateDeps,
): Promise<boolean> {
  return (await state.replace(restoreStateName(restore.id), json(restore).bytes, etag)) === 'replaced';
}

export const objectsPerPart = 200;
const readsAtOnce = 16;

export async function writeRestorePlan(
  id: string,
  planId: string,
  plan: readonly PlannedObject[],
  { state }: StateDeps,
): Promise<void> {
  for (let from = 0, part = 0; from === 0 || from < plan.length; from += objectsPerPart, part += 1) {
    const text = plan
      .slice(from, from + objectsPerPart)
      .map((planned) => `${JSON.stringify(planned)}\n`)
      .join('');
    await state.create(restorePlanName(id, planId, part), {
      bytes: Buffer.from(text, 'utf8'),
      contentType: 'application/x-ndjson',
    });
  }
}

/** The whole plan, in its order; empty while there is none. */
export async function readRestorePlan(
  id: string,
  planId: string | null,
  { state }: StateDeps,
): Promise<PlannedObject[]> {
  const plan: PlannedObject[] = [];
  for (let part = 0; planId !== null; part += 1) {
    const lines = await readRestorePlanPart(id, planId, part, { state });
    plan.push(...lines);
    if (lines.length < objectsPerPart) break;
  }
  return plan;
}

/**
 * Objects `part * objectsPerPart` and on; fewer than that many in the last part, none after it. What cannot be read is
 * lost, and so is what follows it, because the order counts: the seal says how many.
 */
export async function readRestorePlanPart(
  id: string,
  planId: string,
  part: number,
  { state }: StateDeps,
): Promise<PlannedObject[]> {
  const name = restorePlanName(id, planId, part);
  const found = await state.read(name);
  const lines = found ? Buffer.from(found.bytes).toString('utf8').split('\n') : [];
  const plan: PlannedObject[] = [];
  for (const line of lines) {
    const planned = readable(name, line);
    if (!planned) break;
    plan.push(planned);
  }
  return plan;
}

function readable(name: string, line: string): PlannedObject | null {
  try {
    return parseStored(name, line, plannedObject, 'state');
  } catch {
    return null;
  }
}

/** The first record of an object counts: each ends once. */
export async function recordRestoreOutcome(
  id: string,
  ref: ObjectRef,
  record: OutcomeRecord,
  { state }: StateDeps,
): Promise<void> {
  await state.create(restoreOutcomeName(id, ref), json(record));
}

/** By objectKey, the blob of each outcome: which objects have ended, without reading how. */
export async function listRestoreOutcomes(id: string, { state }: StateDeps): Promise<Map<string, string>> {
  const outcomes = new Map<string, string>();
  const prefix = restoreOutcomePrefix(id);
  for await (const { name } of state.list(prefix)) {
    const [plural, file] = name.slice(prefix.length).split('/');
    const kind = kinds.find((candidate) => pluralOf[candidate] === plural);
    if (!kind || !file?.endsWith('.json')) continue;
    outcomes.set(objectKey({ kind, name: file.slice(0, -'.json'.length) }), name);
  }
  return outcomes;
}

/** One that cannot be read must not keep a restore from its end: nobody knows how it went, so it did not go well. */
function outcomeIn(name: string, { bytes, facts }: { bytes: Uint8Array; facts: BlobFacts }): OutcomeRecord {
  try {
    return parseStored(name, bytes, outcomeRecord, 'state');
  } catch (error) {
    const { message: reason } = asBackupError(error);
    const hint = 'Look at the object in the target, then ask for it again: what is already there is skipped.';
    return { outcome: 'failed', reason, hint, version: null, at: facts.lastModified.toISOString() };
  }
}

/** By objectKey. */
export async function readRestoreOutcomes(id: string, deps: StateDeps): Promise<Map<string, OutcomeRecord>> {
  const outcomes = new Map<string, OutcomeRecord>();
  const names = [...(await listRestoreOutcomes(id, deps))];
  await mapConcurrently(readsAtOnce, names, async ([key, name]) => {
    const found = await deps.state.read(name);
    if (found) outcomes.set(key, outcomeIn(name, found));
  });
  return outcomes;
}
