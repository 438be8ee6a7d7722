/** Reads and conditionally writes the state of a vault's portable copies; writes and reads what plan and jobs wrote down. */
import {
  portableOutcomeName,
  portableOutcomePrefix,
  portablePlanName,
  portableStateName,
} from '../domain/blobNames.ts';
import { type ObjectRef, objectKey } from '../domain/objects.ts';
import { type PortableLine, portableLine } from '../domain/portablePoint.ts';
import {
  type PortableState,
  type PortableWork,
  portableState,
  portableWork,
} from '../domain/portableState.ts';
import { parseStored, readableLines } from '../domain/stored.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import type { PortableDeps } from './deps.ts';

type StateDeps = Pick<PortableDeps, 'state'>;
type Run = Pick<PortableState, 'vault' | 'runId' | 'planId'>;

const json = (value: unknown) => ({
  bytes: Buffer.from(JSON.stringify(value), 'utf8'),
  contentType: 'application/json',
});

export async function readPortable(
  vault: string,
  { state }: StateDeps,
): Promise<{ portable: PortableState; etag: string } | null> {
  const name = portableStateName(vault);
  const found = await state.readTagged(name);
  return found && { portable: parseStored(name, found.bytes, portableState, 'state'), etag: found.etag };
}

/** False if somebody else wrote first; a null etag creates. */
export async function writePortable(
  portable: PortableState,
  etag: string | null,
  { state }: StateDeps,
): Promise<boolean> {
  return (await state.replace(portableStateName(portable.vault), json(portable).bytes, etag)) === 'replaced';
}

export const objectsPerPart = 200;
const readsAtOnce = 16;

/** Before the state names it, and before its first job. */
export async function writePortablePlan(
  { vault, runId }: Run,
  planId: string,
  plan: { readonly settled: readonly PortableLine[]; readonly work: readonly PortableWork[] },
  { state }: StateDeps,
): Promise<void> {
  const write = async (part: number | 'settled', lines: readonly object[]) => {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8');
    const name = portablePlanName(vault, runId, planId, part);
    await state.create(name, { bytes, contentType: 'application/x-ndjson' });
  };
  await write('settled', plan.settled);
  for (let from = 0, part = 0; from < plan.work.length; from += objectsPerPart, part += 1)
    await write(part, plan.work.slice(from, from + objectsPerPart));
}

async function linesOf(
  { vault, runId, planId }: Run,
  part: number | 'settled',
  { state }: StateDeps,
): Promise<Uint8Array | string> {
  const found = planId === null ? null : await state.read(portablePlanName(vault, runId, planId, part));
  return found?.bytes ?? '';
}

export const readSettled = async (run: Run, deps: StateDeps): Promise<PortableLine[]> =>
  readableLines(await linesOf(run, 'settled', deps), portableLine);

export const readWorkPart = async (run: Run, part: number, deps: StateDeps): Promise<PortableWork[]> =>
  readableLines(await linesOf(run, part, deps), portableWork);

export async function readWork(run: Run & { work: number }, deps: StateDeps): Promise<PortableWork[]> {
  const parts = Array.from({ length: Math.ceil(run.work / objectsPerPart) }, (_, part) => part);
  return (await mapConcurrently(readsAtOnce, parts, (part) => readWorkPart(run, part, deps))).flat();
}

/** The first record of an object counts: each ends once. */
export async function recordLine(run: Run, line: PortableLine, { state }: StateDeps): Promise<void> {
  await state.create(portableOutcomeName(run.vault, run.runId, line), json(line));
}

export const hasLine = async (
  { vault, runId }: Run,
  ref: ObjectRef,
  { state }: StateDeps,
): Promise<boolean> => (await state.facts(portableOutcomeName(vault, runId, ref))) !== null;

/** Which of the work has no outcome yet, without reading how the rest ended. */
export async function openWork(run: PortableState, deps: StateDeps): Promise<PortableWork[]> {
  const done = new Set<string>();
  for await (const { name } of deps.state.list(portableOutcomePrefix(run.vault, run.runId))) done.add(name);
  const work = await readWork(run, deps);
  return work.filter((one) => !done.has(portableOutcomeName(run.vault, run.runId, one)));
}

/** By objectKey. */
export async function readOutcomes(run: Run, { state }: StateDeps): Promise<Map<string, PortableLine>> {
  const outcomes = new Map<string, PortableLine>();
  const names: string[] = [];
  for await (const { name } of state.list(portableOutcomePrefix(run.vault, run.runId))) names.push(name);
  await mapConcurrently(readsAtOnce, names, async (name) => {
    const found = await state.read(name);
    if (!found) return;
    for (const line of readableLines(found.bytes, portableLine)) outcomes.set(objectKey(line), line);
  });
  return outcomes;
}
