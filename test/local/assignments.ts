/**
 * Which identity gets which role where, as infra/main.bicep assigns them from the plans and the targets: the source
 * role on what a plan names, the target role on what a restore may fill, replace and drill where a target asks for it.
 */
import { backupActions, drillActions, replaceActions, restoreActions } from './grants.ts';

export type AppName = 'backup' | 'restore';
/** Data actions per vault. */
export type VaultGrants = Record<string, string[]>;

interface Target {
  readonly name: string;
  readonly allowReplace?: boolean;
  readonly drill?: boolean;
}

export function vaultAssignments(
  plans: readonly unknown[],
  targets: object = {},
): Record<AppName, VaultGrants> {
  const backup: VaultGrants = {};
  for (const { vaults } of plans as { vaults: (string | { name: string })[] }[])
    for (const vault of vaults) backup[typeof vault === 'string' ? vault : vault.name] = backupActions;
  const restore: VaultGrants = {};
  for (const { name, allowReplace, drill } of Object.values(targets).flat() as Target[]) {
    const actions = [
      ...restoreActions,
      ...(allowReplace ? replaceActions : []),
      ...(drill ? drillActions : []),
      ...(restore[name] ?? []),
    ];
    restore[name] = [...new Set(actions)];
  }
  return { backup, restore };
}
