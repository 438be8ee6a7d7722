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
  const found = await newest(vault, (id) => (named ? id === wanted : instantMs(id) <= at), deps);
  if (found) return found;
  throw new RequestRefused(
    'notFound',
    `${field}: there is no record of the settings of ${vault}${latest ? '' : ` at ${wanted}`}`,
    'A run of a vault whose plan names its resourceId makes one; POST /api/configurations asks for one now.',
  );
}

const instantMs = (id: RunId) => instantOf(id)?.getTime() ?? 0;

/** A vault may be a source and a target: whichever was seen last. */
async function newest(
  vault: string,
  isWanted: (id: RunId) => boolean,
  deps: StoreDeps,
): Promise<StoredConfig | null> {
  const found: { id: RunId; place: Place; where: 'state' | 'immutable' }[] = [];
  for (const role of ['target', 'source'] as const) {
    const place = placeOf({ vault, role }, deps);
    for await (const { name } of place.container.list(place.prefix)) {
      const id = parseConfigName(name);
      if (id && isWanted(id)) found.push({ id, place, where: role === 'source' ? 'immutable' : 'state' });
    }
  }
  const last = found.sort((a, b) => (a.id < b.id ? -1 : 1)).at(-1);
  if (!last) return null;
  const name = configName(last.place.prefix, last.id);
  const stored = await last.place.container.read(name);
  return stored && { id: last.id, configuration: parseStored(name, stored.bytes, vaultConfig, last.where) };
}
