/** Reads and conditionally writes the one blob that is a vault's lock and its active run. */
import { vaultStateName } from '../domain/blobNames.ts';
import { type RunState, type VaultState, vaultState } from '../domain/runState.ts';
import { parseStored } from '../domain/stored.ts';
import type { StateContainer } from '../ports/containers.ts';

export interface HeldState {
  readonly run: RunState | null;
  readonly lastRunId: string | null;
  /** Null while there is no blob yet. */
  readonly etag: string | null;
}

export async function readVaultState(state: StateContainer, vault: string): Promise<HeldState> {
  const found = await state.readTagged(vaultStateName(vault));
  if (!found) return { run: null, lastRunId: null, etag: null };
  const { run, lastRunId } = parseStored(vaultStateName(vault), found.bytes, vaultState, 'state');
  return { run, lastRunId, etag: found.etag };
}

/** False if somebody else wrote first: their state counts, and the caller drops what it was about to do. */
export async function replaceVaultState(
  state: StateContainer,
  vault: string,
  next: Omit<VaultState, 'v'>,
  etag: string | null,
): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify({ v: 1, ...next } satisfies VaultState), 'utf8');
  return (await state.replace(vaultStateName(vault), bytes, etag)) === 'replaced';
}
