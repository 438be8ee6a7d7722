/**
 * A vault's own settings, as the control plane tells them. It reads and has no other verb: settings are shown with the
 * commands that would set them, and never set by this service.
 *
 * Errors: every method rejects with a BackupError; forbidden and notFound are what the identity may not see.
 */
import type { DiagnosticSetting, RoleAssignment, VaultSettings } from '../domain/vaultConfig.ts';

export interface VaultControl {
  settings(): Promise<VaultSettings>;
  /** Those of the vault and of single objects in it; none that it inherits. */
  roleAssignments(): Promise<readonly RoleAssignment[]>;
  diagnosticSettings(): Promise<readonly DiagnosticSetting[]>;
}
