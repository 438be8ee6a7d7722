/** Where records of a vault's own settings lie, and which of them a caller means. */
import { configName, configPrefix, parseConfigName, targetConfigPrefix } from '../domain/blobNames.ts';
import { RequestRefused } from '../domain/errors.ts';
import { instantOf, type RunId } from '../domain/runId.ts';
import { parseStored } from '../domain/stored.ts';
import { type VaultConfig, vaultConfig } from '../domain/vaultConfig.ts';
import type { ImmutableContainer } from '../ports/containers.ts';
import type { ConfigDeps, Whose } from './deps.ts';

type StoreDeps = Pick<ConfigDeps, 'backups' | 'state'>;

interface Place {
  readonly container: ImmutableContainer;
  readonly prefix: string;
}

export const placeOf = ({ vault, role }: Whose, { backups, state }: StoreDeps): Place =>
  role === 'source'
    ? { container: backups, prefix: configPrefix(vault) }
    : { container: state, prefix: targetConfigPrefix(vault) };

export interface StoredConfig {
  readonly id: RunId;
  readonly configuration: VaultConfig;
}

/** By its id, the newest one that was asked for at or before an instant, or the `latest`. */
export async function findConfig(
  vault: string,
  wanted: string,
  field: string,
  deps: StoreDeps,
): Promise<StoredConfig> {
  const latest = wanted.toLowerCase() === 'latest';
  const named = instantOf(wanted) !== null;
  const at = latest || named ? Number.POSITIVE_INFINITY : Date.parse(wanted);
  if (Number.isNaN(at) || !(latest || named || /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(wanted)))
    throw new RequestRefused(
      'invalid',
      `${field}: "${wanted}" is no id or instant`,
      'Write an id such as 20261122T020000Z, an instant such as 2026-11-22T05:00:00Z, or latest.',
    );
  // A vault may be a source and a target: whichever was seen last.
  const entries = await entriesOf(vault, ['target', 'source'], deps);
  const last = entries.findLast(({ id }) => (named ? id === wanted : instantMs(id) <= at));
  const found = last ? await readEntry(last) : null;
  if (found) return found;
  throw new RequestRefused(
    'notFound',
    `${field}: there is no record of the settings of ${vault}${latest ? '' : ` at ${wanted}`}`,
    'A run of a vault whose plan names its resourceId makes one; POST /api/configurations asks for one now.',
  );
}

const instantMs = (id: RunId) => instantOf(id)?.getTime() ?? 0;

const mostLookedAt = 7;

/** The newest earlier record of the same vault that lacks nothing which this one knows; null if no recent one does. */
export async function configBefore(
  { vault, role }: Whose,
  id: RunId,
  { gaps }: VaultConfig,
  deps: StoreDeps,
): Promise<StoredConfig | null> {
  const lacks = new Set(gaps.map(({ part }) => part));
  const earlier = (await entriesOf(vault, [role], deps)).filter((entry) => entry.id < id);
  for (const entry of earlier.reverse().slice(0, mostLookedAt)) {
    const found = await readEntry(entry);
    if (found?.configuration.gaps.every(({ part }) => lacks.has(part))) return found;
  }
  return null;
}

interface Entry {
  readonly id: RunId;
  readonly place: Place;
  readonly where: 'state' | 'immutable';
}

/** An id that lies after the store's own clock by more than this was made under a wrong clock, or to be the latest for ever. */
const largestLeadMs = 5 * 60_000;

/** Oldest first. */
async function entriesOf(vault: string, roles: readonly Whose['role'][], deps: StoreDeps): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const role of roles) {
    const place = placeOf({ vault, role }, deps);
    for await (const { name, lastModified } of place.container.list(place.prefix)) {
      const id = parseConfigName(name);
      if (id && instantMs(id) - lastModified.getTime() <= largestLeadMs)
        entries.push({ id, place, where: role === 'source' ? 'immutable' : 'state' });
    }
  }
  return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function readEntry({ id, place, where }: Entry): Promise<StoredConfig | null> {
  const name = configName(place.prefix, id);
  const stored = await place.container.read(name);
  return stored && { id, configuration: parseStored(name, stored.bytes, vaultConfig, where) };
}
