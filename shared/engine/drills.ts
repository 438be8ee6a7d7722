/** Drill records as they lie in the audit container: the restore app writes them, the backup app reads them. */
import { drillsOf, parseDrillEndedName } from '../domain/blobNames.ts';
import { type DrillRecord, drillFacts, drillRecord } from '../domain/drill.ts';
import { parseStored } from '../domain/stored.ts';
import type { ImmutableContainer } from '../ports/containers.ts';
import { mapConcurrently } from './mapConcurrently.ts';

interface AuditDeps {
  readonly audit: ImmutableContainer;
}

export interface DrillEntry {
  readonly id: string;
  readonly blob: string;
  readonly status: DrillRecord['status'];
  readonly endedAt: string;
}

/** All ended drills of a vault, oldest first. What somebody else wrote there is passed over. */
export async function listDrills(vault: string, { audit }: AuditDeps): Promise<DrillEntry[]> {
  const entries: DrillEntry[] = [];
  for await (const { name, metadata } of audit.list(drillsOf(vault))) {
    const id = parseDrillEndedName(name);
    const facts = drillFacts.safeParse(metadata);
    if (id && facts.success)
      entries.push({ id, blob: name, status: facts.data.status, endedAt: facts.data.ended });
  }
  return entries;
}

const mostShown = 50;

/** Newest first. */
export async function newestDrills(vault: string, deps: AuditDeps): Promise<DrillRecord[]> {
  const entries = (await listDrills(vault, deps)).slice(-mostShown).reverse();
  const records = await mapConcurrently(8, entries, ({ blob }) => readDrill(blob, deps));
  return records.filter((record) => record !== null);
}

async function readDrill(blob: string, { audit }: AuditDeps): Promise<DrillRecord | null> {
  const found = await audit.read(blob);
  return found && parseStored(blob, found.bytes, drillRecord, 'immutable');
}
