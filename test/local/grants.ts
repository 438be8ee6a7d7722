/** What each role of infra/modules/roles.bicep allows, read from that file, so that tests run with production's rights, exactly. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const actions = (...names: string[]) => names.map((action) => `Microsoft.KeyVault/vaults/${action}`);

const roles = readFileSync(path.join(import.meta.dirname, '../../infra/modules/roles.bicep'), 'utf8');

/** The list of a variable of that file, e.g. `sourceActions`, without what all of its actions begin with. */
function listOf(variable: string, prefix: 'vaults' | 'containers'): string[] {
  const [, list = ''] = new RegExp(`^var ${variable} = \\[([^\\]]*)\\]`, 'm').exec(roles) ?? [];
  const items = list.split(/[\n,]/).filter((item) => item.trim() !== '');
  const found = items.flatMap((item) => new RegExp(`^ *'\\$\\{${prefix}\\}/([^']+)'$`).exec(item)?.[1] ?? []);
  if (found.length === 0 || found.length !== items.length)
    throw new Error(`infra/modules/roles.bicep: ${variable} is not a list of actions on ${prefix}`);
  return found;
}

/** On a source vault. */
export const backupActions = actions(...listOf('sourceActions', 'vaults'));
/** On a source whose plan has portable, for the app that reads values. */
export const portableActions = actions(...listOf('portableActions', 'vaults'));
/** On a target. */
export const restoreActions = actions(...listOf('targetActions', 'vaults'));
/** What the replace role adds, on a target that allows replacements. */
export const replaceActions = actions(...listOf('replaceActions', 'vaults'));
/** What the drill role adds, on a scratch vault: what a drill restored is removed again. */
export const drillActions = actions(...listOf('drillActions', 'vaults'));
/** What the copies role adds, on a target that takes portable copies. */
export const copiesActions = actions(...listOf('copiesActions', 'vaults'));
/** On the vault of a recipient's key: for the portable app, and for the restore app. */
export const recipientActions = actions(...listOf('recipientActions', 'vaults'));
export const unwrapActions = actions(...listOf('unwrapActions', 'vaults'));

/** On a vault whose own settings are recorded: of the vault itself, and of the control plane. */
export const configurationActions = actions(...listOf('configurationActions', 'vaults'));
export const configurationControl = [
  ...(/^var configurationControl = \[([^\]]*)\]/m.exec(roles)?.[1] ?? '').matchAll(/'([^']+)'/g),
].map(([, action = '']) => action.replace('${vaults}', 'Microsoft.KeyVault/vaults'));

/** On a container of the backup account: after `Microsoft.Storage/storageAccounts/blobServices/containers/`. */
export const storageRoles = {
  writer: listOf('writerActions', 'containers'),
  reader: [...listOf('readerControl', 'containers'), ...listOf('readerActions', 'containers')],
  policy: listOf('policyControl', 'containers'),
};
