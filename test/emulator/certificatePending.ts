/**
 * The completion of pending certificate operations: lazily, at the first look after their time, like every
 * other state change of the emulator.
 */
import { syncManaged } from './certificateSecret.ts';
import type { CertificateEntry } from './model.ts';
import type { Vault } from './vault.ts';

export function settlePending(vault: Vault, entry: CertificateEntry): void {
  const { pending } = entry;
  if (pending?.status !== 'inProgress' || pending.completesAt === undefined) return;
  if (vault.settings.now() < pending.completesAt) return;
  if (pending.cancellationRequested) pending.status = 'cancelled';
  else complete(vault, entry);
}

/** The pending version becomes the current one. */
export function complete(vault: Vault, entry: CertificateEntry): void {
  const { pending } = entry;
  if (pending === undefined) return;
  const { version, issued } = pending;
  if (issued === undefined) throw new Error('only an issued certificate completes');
  pending.status = 'completed';
  Object.assign(version, { cer: issued.cer, chain: issued.chain, enabled: pending.enableWhenIssued });
  entry.versions.set(version.id, version);
  syncManaged(vault, entry);
}
