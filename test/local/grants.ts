/** What each identity may do, as the README lists it, and not one action more. */
export const actions = (...names: string[]) => names.map((action) => `Microsoft.KeyVault/vaults/${action}`);
const plurals = ['secrets', 'keys', 'certificates'];

/** On a source vault. */
export const backupActions = actions(
  'secrets/readMetadata/action',
  'secrets/backup/action',
  'keys/read',
  'keys/backup/action',
  'keyrotationpolicies/read',
  'certificates/read',
  'certificates/backup/action',
);

/** On a target. */
export const restoreActions = actions(
  'secrets/readMetadata/action',
  'secrets/restore/action',
  'keys/read',
  'keys/restore/action',
  'keyrotationpolicies/read',
  'keyrotationpolicies/write',
  'certificates/read',
  'certificates/restore/action',
);

/** What the replace role adds, on a target that allows replacements. */
export const replaceActions = actions(
  ...plurals.flatMap((plural) => [
    `${plural}/backup/action`,
    `${plural}/delete`,
    `${plural}/recover/action`,
    `${plural}/purge/action`,
  ]),
);

/** What the drill role adds, on a scratch vault: what a drill restored is removed again. */
export const drillActions = actions(
  ...plurals.flatMap((plural) => [`${plural}/delete`, `${plural}/purge/action`]),
);
