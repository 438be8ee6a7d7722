/** Reads and conditionally writes the state of a comparison; writes and reads what it found. */
import {
  diffListingName,
  diffResultName,
  diffStateName,
  diffVersionsName,
  diffVersionsPrefix,
} from '../domain/blobNames.ts';
import { type DiffState, diffState, type LiveDifference, liveDifference } from '../domain/liveDiff.ts';
import { objectKey } from '../domain/objects.ts';
import { encodeIndex, type IndexLine, parseIndex } from '../domain/recoveryPoint.ts';
import { encodeVersionsPart, parseVersionsPart, type VersionsRecord } from '../domain/versions.ts';
import type { StateContainer } from '../ports/containers.ts';
import type { DiffDeps } from './deps.ts';

type StateDeps = Pick<DiffDeps, 'state'>;
const textOf = (found: { bytes: Uint8Array } | null) => Buffer.from(found?.bytes ?? []).toString('utf8');
const write = (state: StateContainer, name: string, text: string) =>
  state.create(name, { bytes: Buffer.from(text, 'utf8'), contentType: 'application/x-ndjson' });

export async function readDiff(
  id: string,
  { state }: StateDeps,
): Promise<{ diff: DiffState; etag: string } | null> {
  const found = await state.readTagged(diffStateName(id));
  return found && { diff: diffState.parse(JSON.parse(textOf(found))), etag: found.etag };
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
export const readListing = async (id: string, part: string, { state }: StateDeps): Promise<IndexLine[]> =>
  parseIndex(textOf(await state.read(diffListingName(id, part))));

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
export const readResult = async (id: string, part: string, { state }: StateDeps): Promise<LiveDifference[]> =>
  textOf(await state.read(diffResultName(id, part)))
    .split('\n')
    .filter(Boolean)
    .map((line) => liveDifference.parse(JSON.parse(line)));
