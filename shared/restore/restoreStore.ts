/** Reads and conditionally writes a restore's state; writes and reads what the jobs wrote down. */
import {
  restoreOutcomeName,
  restoreOutcomePrefix,
  restorePlanName,
  restoreStateName,
} from '../domain/blobNames.ts';
import { kinds, type ObjectRef, objectKey, pluralOf } from '../domain/objects.ts';
import { type PlannedObject, plannedObject } from '../domain/restorePlan.ts';
import {
  type OutcomeRecord,
  outcomeRecord,
  type RestoreState,
  restoreState,
} from '../domain/restoreState.ts';
import type { RestoreDeps } from './deps.ts';

type StateDeps = Pick<RestoreDeps, 'state'>;

const json = (value: unknown) => ({
  bytes: Buffer.from(JSON.stringify(value), 'utf8'),
  contentType: 'application/json',
});
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

export async function readRestore(
  id: string,
  { state }: StateDeps,
): Promise<{ restore: RestoreState; etag: string } | null> {
  const found = await state.readTagged(restoreStateName(id));
  return found && { restore: restoreState.parse(JSON.parse(textOf(found.bytes))), etag: found.etag };
}

/** False if somebody else wrote first; a null etag creates. */
export async function writeRestore(
  restore: RestoreState,
  etag: string | null,
  { state }: StateDeps,
): Promise<boolean> {
  return (await state.replace(restoreStateName(restore.id), json(restore).bytes, etag)) === 'replaced';
}

const objectsPerPart = 200;

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
    const found = await state.read(restorePlanName(id, planId, part));
    if (!found) break;
    const lines = textOf(found.bytes).split('\n').filter(Boolean);
    plan.push(...lines.map((line) => plannedObject.parse(JSON.parse(line))));
    if (lines.length < objectsPerPart) break;
  }
  return plan;
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

/** By objectKey. */
export async function readRestoreOutcomes(
  id: string,
  { state }: StateDeps,
): Promise<Map<string, OutcomeRecord>> {
  const outcomes = new Map<string, OutcomeRecord>();
  const prefix = restoreOutcomePrefix(id);
  for await (const { name } of state.list(prefix)) {
    const [plural, file] = name.slice(prefix.length).split('/');
    const kind = kinds.find((candidate) => pluralOf[candidate] === plural);
    const found = kind && file?.endsWith('.json') ? await state.read(name) : null;
    if (!kind || !file || !found) continue;
    const key = objectKey({ kind, name: file.slice(0, -'.json'.length) });
    outcomes.set(key, outcomeRecord.parse(JSON.parse(textOf(found.bytes))));
  }
  return outcomes;
}
