/**
 * Who brings the versions of an object, and how many have arrived. Versions are made one by one and cannot be taken
 * back, so two deliveries must not make them at once: the turn is a blob written on its ETag before each version. After
 * a death or a lost reply the next one counts what the target has beyond what it had before, and compares.
 */
import { z } from 'zod';
import { portableTurnName } from '../domain/blobNames.ts';
import { BackupError, NotNow } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import { parseStored } from '../domain/stored.ts';
import type { VersionFacts } from '../ports/targetVault.ts';
import type { Doing } from './doing.ts';

const turnRecord = z.object({
  holder: z.string(),
  /** When it was last written; long ago: nobody has it. */
  at: z.iso.datetime(),
  /** Versions that the target had of it before the first one was made. */
  before: z.array(z.string()),
});
type TurnRecord = z.infer<typeof turnRecord>;

const againMs = 2_000;
const free = new Date(0).toISOString();

export interface Turn {
  /** Versions that were made by an earlier delivery, oldest first. */
  readonly arrived: readonly VersionFacts[];
  /** Before each version; rejects with NotNow when somebody else has taken over. */
  keep(): Promise<void>;
  /** So that the next delivery need not wait. */
  release(): Promise<void>;
}

export async function takeTurn({ job, target, deps }: Doing): Promise<Turn> {
  const { line } = job.planned;
  const name = portableTurnName(job.id, line);
  const holder = deps.newId();
  const now = () => deps.clock.now();

  async function read(): Promise<{ record: TurnRecord; etag: string } | null> {
    const found = await deps.state.readTagged(name);
    if (!found) return null;
    const record = parseStored(name, found.bytes, turnRecord, 'state');
    return { record, etag: found.etag };
  }
  async function write(record: TurnRecord, etag: string | null): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(record), 'utf8');
    if ((await deps.state.replace(name, bytes, etag)) === 'lost') throw new NotNow(againMs);
  }
  async function mine(at: string): Promise<void> {
    const found = await read();
    if (found?.record.holder !== holder) throw new NotNow(againMs);
    await write({ ...found.record, at }, found.etag);
  }

  const found = await read();
  if (found && now().getTime() - Date.parse(found.record.at) < deps.settings.messageLeaseMs)
    throw new NotNow(againMs);
  const versions = await target.calls.versions(line);
  const before = found?.record.before ?? versions.map(({ version }) => version);
  await write({ holder, at: now().toISOString(), before }, found?.etag ?? null);
  return {
    arrived: versions
      .filter(({ version }) => !before.includes(version))
      .sort((a, b) => (a.created ?? 0) - (b.created ?? 0)),
    keep: () => mine(now().toISOString()),
    release: () => mine(free).catch(() => {}),
  };
}

/** What is there is what the first copies hold, in any order within a second; else somebody else wrote there. */
export function demandSame(
  what: Parameters<typeof objectKey>[0],
  arrived: readonly string[],
  copies: readonly string[],
): void {
  const expected = copies.slice(0, arrived.length).toSorted();
  if (arrived.length <= copies.length && JSON.stringify(arrived.toSorted()) === JSON.stringify(expected))
    return;
  throw new BackupError('conflict', `another version of ${objectKey(what)} came into the target meanwhile`, {
    hint: 'Look who writes there; then ask for it again with onConflict skip or replace.',
  });
}
