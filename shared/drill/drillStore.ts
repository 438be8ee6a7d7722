/** A scratch vault's active drill in the state container, and the drills' records in the audit container. */
import { drillEndedName, drillStartedName, drillStateName, drillsPrefix } from '../domain/blobNames.ts';
import {
  type DrillOrder,
  type DrillStarted,
  type DrillState,
  drillHolder,
  drillStarted,
  leftMark,
} from '../domain/drill.ts';
import { parseStored } from '../domain/stored.ts';
import type { DrillDeps } from './deps.ts';

const parsed = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));
export const json = (value: unknown) => ({
  bytes: Buffer.from(JSON.stringify(value), 'utf8'),
  contentType: 'application/json',
});

export interface Held {
  readonly drill: DrillState | null;
  /** Null while there is no blob. */
  readonly etag: string | null;
}

export async function readHeld(target: string, { state }: Pick<DrillDeps, 'state'>): Promise<Held> {
  const found = await state.readTagged(drillStateName(target));
  if (!found) return { drill: null, etag: null };
  const { drill } = parseStored(drillStateName(target), found.bytes, drillHolder, 'state');
  return { drill, etag: found.etag };
}

/** False if somebody else wrote first. */
export async function writeHeld(
  target: string,
  drill: DrillState | null,
  etag: string | null,
  { state }: Pick<DrillDeps, 'state'>,
): Promise<boolean> {
  return (await state.replace(drillStateName(target), json({ drill }).bytes, etag)) === 'replaced';
}

export const isSame = (a: DrillOrder, b: DrillOrder): boolean => a.vault === b.vault && a.id === b.id;

export const hasEnded = async (order: DrillOrder, { audit }: Pick<DrillDeps, 'audit'>): Promise<boolean> =>
  (await audit.facts(drillEndedName(order.vault, order.id))) !== null;

export async function readStarted(
  order: Pick<DrillOrder, 'vault' | 'id'>,
  { audit }: Pick<DrillDeps, 'audit'>,
): Promise<DrillStarted | null> {
  const name = drillStartedName(order.vault, order.id);
  const found = await audit.read(name);
  return found && parseStored(name, found.bytes, drillStarted, 'immutable');
}

/** The marks of what drills of this scratch vault set out to restore there and did not clean away, by their own records. */
export async function ownMarks(target: string, { audit }: Pick<DrillDeps, 'audit'>): Promise<Set<string>> {
  const marks = new Set<string>();
  const started: string[] = [];
  const cleaned = new Set<string>();
  for await (const { name, metadata } of audit.list(drillsPrefix)) {
    if (metadata['target'] !== target.toLowerCase()) continue;
    if (name.endsWith('/started.json')) started.push(name);
    else if (metadata['cleaned'] === 'true') cleaned.add(name.replace(/ended\.json$/, 'started.json'));
  }
  for (const name of started) {
    if (cleaned.has(name)) continue;
    const found = await audit.read(name);
    const record = found && drillStarted.safeParse(parsed(found.bytes));
    if (record?.success) for (const object of record.data.objects) marks.add(leftMark(object));
  }
  return marks;
}
