/** What each identity may do: read from infra/modules/roles.bicep, so that tests run with production's rights, exactly. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const actions = (...names: string[]) => names.map((action) => `Microsoft.KeyVault/vaults/${action}`);

const roles = readFileSync(path.join(import.meta.dirname, '../../infra/modules/roles.bicep'), 'utf8');

/** The list of a variable of that file, e.g. `sourceActions`. */
function actionsOf(variable: string): string[] {
  const [, list] = new RegExp(`^var ${variable} = \\[\\n([^\\]]*)^\\]`, 'm').exec(roles) ?? [];
  const found = [...(list ?? '').matchAll(/^ {2}'\$\{vaults\}\/([^']+)'$/gm)].map(
    ([, action = '']) => action,
  );
  const lines = (list ?? '').trim().split('\n').length;
  if (found.length < 2 || found.length !== lines)
    throw new Error(`infra/modules/roles.bicep: ${variable} is not a list of data actions, one a line`);
  return actions(...found);
}

/** On a source vault. */
export const backupActions = actionsOf('sourceActions');
/** On a source whose plan has portable, for the app that reads values. */
export const portableActions = actionsOf('portableActions');
/** On a target. */
export const restoreActions = actionsOf('targetActions');
/** What the replace role adds, on a target that allows replacements. */
export const replaceActions = actionsOf('replaceActions');
/** What the drill role adds, on a scratch vault: what a drill restored is removed again. */
export const drillActions = actionsOf('drillActions');
