/** What differs between a vault's settings and another vault's, or its own at another moment; from records alone. */
import type { ConfigRow, VaultConfig } from '../domain/vaultConfig.ts';
import { configRows } from '../domain/vaultConfigRows.ts';
import { findConfig, type StoredConfig } from './configStore.ts';
import type { ConfigDeps } from './deps.ts';

export interface ConfigDiffRequest {
  readonly vault: string;
  /** What the target is to become. */
  readonly from: string;
  readonly to: string;
  /** The vault of `to`; null for the same one. */
  readonly against: string | null;
}

export interface ConfigSide {
  readonly vault: string;
  readonly id: string;
  readonly takenAt: string;
  readonly gaps: VaultConfig['gaps'];
}

export interface ConfigDiff {
  readonly source: ConfigSide;
  readonly target: ConfigSide;
  /** How many settings are the same; they are no rows. */
  readonly same: number;
  readonly rows: ConfigRow[];
}

export async function diffConfigs(
  { vault, from, to, against }: ConfigDiffRequest,
  deps: Pick<ConfigDeps, 'backups' | 'state'>,
): Promise<ConfigDiff> {
  const source = await findConfig(vault, from, 'from', deps);
  const target = await findConfig(against ?? vault, to, against === null ? 'to' : 'against', deps);
  const all = configRows(source.configuration, target.configuration);
  const rows = all.filter(({ change }) => change !== 'same');
  return { source: sideOf(source), target: sideOf(target), same: all.length - rows.length, rows };
}

const sideOf = ({ id, configuration: { vault, takenAt, gaps } }: StoredConfig): ConfigSide => ({
  vault,
  id,
  takenAt,
  gaps,
});
