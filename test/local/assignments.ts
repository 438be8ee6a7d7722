/**
 * Which identity gets which role where. On vaults as infra/main.bicep assigns them from the plans and the targets: the
 * source role on what a plan names, the target role on what a restore may fill, replace and drill where a target asks
 * for it. On containers as infra/modules/backupStorage.bicep has it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  backupActions,
  configurationActions,
  copiesActions,
  drillActions,
  portableActions,
  recipientActions,
  replaceActions,
  restoreActions,
  storageRoles,
  unwrapActions,
} from './grants.ts';
import type { StorageGrants } from './storageRights.ts';

export type AppName = 'backup' | 'restore' | 'portable';
/** Data actions per vault. */
export type VaultGrants = Record<string, string[]>;

interface Target {
  readonly name: string;
  readonly allowReplace?: boolean;
  readonly drill?: boolean;
  readonly portable?: boolean;
  readonly resourceId?: string;
}

interface Plan {
  readonly vaults: readonly (string | { readonly name: string; readonly resourceId?: string })[];
  readonly portable?: { readonly recipients: readonly unknown[] };
}

/** `addresses`: of the vaults that keys of recipients may lie in. */
export function vaultAssignments(
  plans: readonly unknown[],
  targets: object = {},
  addresses: readonly { name: string; url: string }[] = [],
): Record<AppName, VaultGrants> {
  const backup: VaultGrants = {};
  const portable: VaultGrants = {};
  const recipients = new Set<string>();
  for (const { vaults, portable: copies } of plans as Plan[]) {
    for (const vault of vaults) {
      const name = typeof vault === 'string' ? vault : vault.name;
      const known = typeof vault !== 'string' && vault.resourceId !== undefined;
      backup[name] = [...backupActions, ...(known ? configurationActions : [])];
      if (copies) portable[name] = portableActions;
    }
    for (const key of copies?.recipients ?? [])
      for (const { name, url } of addresses)
        if (typeof key === 'string' && key.startsWith(`${url}/keys/`)) recipients.add(name);
  }
  const restore: VaultGrants = {};
  for (const { name, allowReplace, drill, portable: copies, resourceId } of Object.values(
    targets,
  ).flat() as Target[]) {
    const actions = [
      ...restoreActions,
      ...(allowReplace ? replaceActions : []),
      ...(drill ? drillActions : []),
      ...(copies ? copiesActions : []),
      ...(resourceId === undefined ? [] : configurationActions),
      ...(restore[name] ?? []),
    ];
    restore[name] = [...new Set(actions)];
  }
  for (const name of recipients) {
    portable[name] = [...(portable[name] ?? []), ...recipientActions];
    restore[name] = [...(restore[name] ?? []), ...unwrapActions];
  }
  return { backup, restore, portable };
}

const template = path.join(import.meta.dirname, '../../infra/modules/backupStorage.bicep');

function storageAssignments(): Record<AppName, StorageGrants> {
  const text = readFileSync(template, 'utf8');
  const containers = [...text.matchAll(/^ {2}\{ name: '(\w+)', days: \w+ \}$/gm)].map(
    ([, name = '']) => name,
  );
  const found: Record<AppName, Record<string, readonly string[]>> = {
    backup: {},
    restore: {},
    portable: {},
  };
  const line =
    /^ {2}\{ container: (\d), role: (writer|reader|policy)RoleName, principal: (backup|restore|portable)PrincipalId \}$/gm;
  const grants = [...text.matchAll(line)];
  for (const [, index, role, app] of grants) {
    const container = containers[Number(index)] ?? '';
    const granted = found[app as AppName];
    granted[container] = [
      ...new Set([...(granted[container] ?? []), ...storageRoles[role as keyof typeof storageRoles]]),
    ];
  }
  if (containers.length === 0 || grants.length !== text.split('{ container:').length - 1)
    throw new Error(`${template}: not every line of its containers and grants is understood`);
  return found;
}

/** On the backup account. */
export const storageGranted = storageAssignments();

/** One app for both duties. */
const bothGranted: StorageGrants = Object.fromEntries(
  Object.keys({ ...storageGranted.backup, ...storageGranted.restore }).map((container) => [
    container,
    [...(storageGranted.backup[container] ?? []), ...(storageGranted.restore[container] ?? [])],
  ]),
);

/** A host account, which its app owns, holds no container of the backup account. */
const hostGranted: StorageGrants = {
  ...Object.fromEntries(Object.keys(bothGranted).map((container) => [container, []])),
  '*': ['*'],
};

/** Who comes to the storage. */
export const storageIdentities: Readonly<Record<string, StorageGrants>> = {
  ...storageGranted,
  all: bothGranted,
  host: hostGranted,
};
