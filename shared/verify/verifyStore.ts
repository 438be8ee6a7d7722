/** Reads and conditionally writes a verification's state; writes and reads what its plan and its jobs wrote down. */
import {
  verificationNotesName,
  verificationPartName,
  verificationResultName,
  verificationResultPrefix,
  verificationStateName,
} from '../domain/blobNames.ts';
import { parseStored, parseStoredLines } from '../domain/stored.ts';
import {
  blobsPerPart,
  type ExpectedBlob,
  expectedBlob,
  type PartResult,
  type PlanNotes,
  partResult,
  planNotes,
  type VerifyState,
  verifyState,
} from '../domain/verifyState.ts';
import type { VerifyDeps } from './deps.ts';

type StateDeps = Pick<VerifyDeps, 'state'>;

const json = (value: unknown) => ({
  bytes: Buffer.from(JSON.stringify(value), 'utf8'),
  contentType: 'application/json',
});

export async function readVerifyState(
  id: string,
  { state }: StateDeps,
): Promise<{ verification: VerifyState; etag: string } | null> {
  const name = verificationStateName(id);
  const found = await state.readTagged(name);
  return found && { verification: parseStored(name, found.bytes, verifyState, 'state'), etag: found.etag };
}

/** False if somebody else wrote first; a null etag creates. */
export async function writeVerifyState(
  verification: VerifyState,
  etag: string | null,
  { state }: StateDeps,
): Promise<boolean> {
  const { bytes } = json(verification);
  return (await state.replace(verificationStateName(verification.id), bytes, etag)) === 'replaced';
}

/** Before the state names it, and before its first job; returns how many parts there are. */
export async function writeVerifyPlan(
  id: string,
  planId: string,
  plan: { readonly notes: PlanNotes; readonly blobs: readonly ExpectedBlob[] },
  { state }: StateDeps,
): Promise<number> {
  let parts = 0;
  for (let from = 0; from < plan.blobs.length; from += blobsPerPart, parts += 1) {
    const lines = plan.blobs.slice(from, from + blobsPerPart).map((blob) => `${JSON.stringify(blob)}\n`);
    await state.create(verificationPartName(id, planId, parts), {
      bytes: Buffer.from(lines.join(''), 'utf8'),
      contentType: 'application/x-ndjson',
    });
  }
  await state.create(verificationNotesName(id, planId), json(plan.notes));
  return parts;
}

export async function readNotes(
  { id, planId }: VerifyState,
  { state }: StateDeps,
): Promise<PlanNotes | null> {
  if (planId === null) return null;
  const name = verificationNotesName(id, planId);
  const found = await state.read(name);
  return found && parseStored(name, found.bytes, planNotes, 'state');
}

/** Null if the part is gone: it then counts as unchecked. */
export async function readVerifyPart(
  at: { id: string; planId: string; part: number },
  { state }: StateDeps,
): Promise<ExpectedBlob[] | null> {
  const name = verificationPartName(at.id, at.planId, at.part);
  const found = await state.read(name);
  return found && parseStoredLines(name, found.bytes, expectedBlob, 'state');
}

/** The first result of a part counts: a job that ran twice checked the same. */
export async function recordPart(
  at: { id: string; planId: string; part: number },
  result: PartResult,
  { state }: StateDeps,
): Promise<void> {
  await state.create(verificationResultName(at.id, at.planId, at.part), json(result));
}

export const hasResult = async (
  at: { id: string; planId: string; part: number },
  { state }: StateDeps,
): Promise<boolean> => (await state.facts(verificationResultName(at.id, at.planId, at.part))) !== null;

/** The parts that have no result yet. */
export async function openParts({ id, planId, parts }: VerifyState, { state }: StateDeps): Promise<number[]> {
  const done = new Set<string>();
  if (planId !== null)
    for await (const { name } of state.list(verificationResultPrefix(id, planId))) done.add(name);
  return Array.from({ length: parts }, (_, part) => part).filter(
    (part) => planId === null || !done.has(verificationResultName(id, planId, part)),
  );
}

export async function readResults({ id, planId }: VerifyState, { state }: StateDeps): Promise<PartResult[]> {
  const results: PartResult[] = [];
  if (planId === null) return results;
  for await (const { name } of state.list(verificationResultPrefix(id, planId))) {
    const found = await state.read(name);
    if (found) results.push(parseStored(name, found.bytes, partResult, 'state'));
  }
  return results;
}
