/** Reads and conditionally writes the state of a comparison; writes and reads what it found. */
import type { z } from 'zod';
import {
  diffListingName,
  diffResultName,
  diffStateName,
  diffVersionsName,
  diffVersionsPrefix,
} from '../domain/blobNames.ts';
import { type DiffState, diffState, type LiveDifference, liveDifference } from '../domain/liveDiff.ts';
import { objectKey } from '../domain/objects.ts';
import { encodeIndex, type IndexLine, indexLine } from '../domain/recoveryPoint.ts';
import { parseStored, parseStoredLines } from '../domain/stored.ts';
import { encodeVersionsPart, parseVersionsPart, type VersionsRecord } from '../domain/versions.ts';
import type { StateContainer } from '../ports/containers.ts';
import type { DiffDeps } from './deps.ts';

type StateDeps = Pick<DiffDeps, 'state'>;
const textOf = (found: { bytes: Uint8Array } | null) => Buffer.from(found?.bytes ?? []).toString('utf8');
const write = (state: StateContainer, name: string, text: string) =>
  state.create(name, { bytes: Buffer.from(text, 'utf8'), contentType: 'application/x-ndjson' });

async function linesOf<T>(name: string, schema: z.ZodType<T>, { state }: StateDeps): Promise<T[]> {
  const found = await state.read(name);
  return found ? parseStoredLines(name, found.bytes, schema, 'state') : [];
}

export async function readDiff(
  id: string,
  { state }: StateDeps,
): Promise<{ diff: DiffState; etag: string } | null> {
  const name = diffStateName(id);
  const found = await state.readTagged(name);
  return found && { diff: parseStored(name, found.bytes, diffState, 'state'), etag: found.etag };
}

/** False if somebody else wrote first; a null etag creates. */
export async function writeDiff(
  diff: DiffState,
  etag: string | null,
  { state }: StateDeps,
): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify(diff), 'utf8');
  return (await state.replace(diffStateName(diff.id), bytes, etag)) === 'replaced';
}

/** What a live listing shows, as lines whose outcome says no more than that they are there. */
export async function writeListing(
  id: string,
  part: string,
  lines: readonly IndexLine[],
  { state }: StateDeps,
): Promise<void> {
  await write(state, diffListingName(id, part), encodeIndex(lines));
}
export const readListing = (id: string, part: string, deps: StateDeps): Promise<IndexLine[]> =>
  linesOf(diffListingName(id, part), indexLine, deps);

export async function writeVersions(
  id: string,
  part: string,
  records: readonly VersionsRecord[],
  { state }: StateDeps,
): Promise<void> {
  await write(state, diffVersionsName(id, part), encodeVersionsPart(records));
}

/** By objectKey. */
export async function readVersions(id: string, { state }: StateDeps): Promise<Map<string, VersionsRecord>> {
  const records = new Map<string, VersionsRecord>();
  for await (const { name } of state.list(diffVersionsPrefix(id)))
    for (const record of parseVersionsPart(textOf(await state.read(name))))
      records.set(objectKey(record), record);
  return records;
}

export async function writeResult(
  id: string,
  part: string,
  objects: readonly LiveDifference[],
  { state }: StateDeps,
): Promise<void> {
  await write(
    state,
    diffResultName(id, part),
    objects.map((object) => `${JSON.stringify(object)}\n`).join(''),
  );
}
export const readResult = (id: string, part: string, deps: StateDeps): Promise<LiveDifference[]> =>
  linesOf(diffResultName(id, part), liveDifference, deps);
