/** The settings of which a vault has any number, each by its key: rows of vaultConfigRows. Pure. */
import type { AzCommands } from './azCommands.ts';
import { roleName } from './roleNames.ts';
import type { AccessPolicy, ConfigPart, ConfigRow, DiagnosticSetting, VaultConfig } from './vaultConfig.ts';

export type ListName =
  | 'tag'
  | 'access policy'
  | 'role'
  | 'issuer'
  | 'rotation policy'
  | 'diagnostic setting'
  | 'network rule'
  | 'private endpoint';

interface List<T> {
  readonly part: ConfigPart;
  readonly of: (config: VaultConfig) => readonly T[] | null;
  readonly key: (item: T) => string;
  /** What is compared and shown. */
  readonly text: (item: T) => string;
  /** Null: no command can, or it needs the target's resource id. */
  readonly set: (item: T) => string | null;
  readonly remove: (item: T) => string | null;
  readonly byHand?: (item: T) => string | null;
}

export const listedRows = (source: VaultConfig, target: VaultConfig, az: AzCommands) => {
  const lists = listsOf(az);
  return (...names: readonly ListName[]): ConfigRow[] =>
    names.flatMap((name) => lists[name](name, source, target));
};

type Rows = (name: string, source: VaultConfig, target: VaultConfig) => ConfigRow[];

const listsOf = (az: AzCommands): Readonly<Record<ListName, Rows>> => ({
  tag: rowsOf({
    part: 'settings',
    of: ({ settings }) => settings && Object.entries(settings.tags),
    key: ([name]) => name,
    text: ([, value]) => value,
    set: ([name, value]) => az.setTag(name, value),
    remove: ([name, value]) => az.removeTag(name, value),
  }),
  'access policy': rowsOf<AccessPolicy>({
    part: 'settings',
    of: ({ settings }) =>
      settings && settings.accessPolicies.filter((policy) => permissionsText(policy) !== ''),
    key: ({ objectId, applicationId }) =>
      applicationId === null ? objectId : `${objectId} by ${applicationId}`,
    text: permissionsText,
    set: az.setPolicy,
    remove: az.deletePolicy,
  }),
  role: rowsOf({
    part: 'roleAssignments',
    of: ({ roleAssignments }) => roleAssignments,
    key: ({ role, principalId, below }) =>
      `${roleName(role)} of ${principalId}${below === '' ? '' : ` on ${below}`}`,
    text: ({ condition }) => (condition === null ? 'assigned' : `assigned where ${condition}`),
    set: az.assignRole,
    remove: az.removeRole,
  }),
  issuer: rowsOf({
    part: 'issuers',
    of: ({ issuers }) => issuers,
    key: ({ name }) => name,
    text: ({ provider }) => provider ?? 'no provider',
    set: az.createIssuer,
    remove: az.removeIssuer,
    byHand: () =>
      'The account with the authority is never read: add --account-id, --password and --organization-id.',
  }),
  'rotation policy': rowsOf({
    part: 'rotationPolicies',
    of: ({ rotationPolicies }) => rotationPolicies,
    key: ({ key }) => key,
    text: ({ policy: { expiryTime, actions } }) =>
      [
        ...actions.map(
          ({ action, timeAfterCreate, timeBeforeExpiry }) =>
            `${action} ${timeAfterCreate === null ? `${timeBeforeExpiry} before expiry` : `${timeAfterCreate} after creation`}`,
        ),
        ...(expiryTime === null ? [] : [`expires after ${expiryTime}`]),
      ].join(', ') || 'none',
    set: az.setRotation,
    remove: () => null,
  }),
  'diagnostic setting': rowsOf<DiagnosticSetting>({
    part: 'diagnosticSettings',
    of: ({ diagnosticSettings }) => diagnosticSettings,
    key: ({ name }) => name,
    text: diagnosticsText,
    set: az.setDiagnostics,
    remove: az.removeDiagnostics,
    byHand: ({ storageAccountId, eventHubRuleId }) =>
      storageAccountId === null && eventHubRuleId === null
        ? null
        : 'A storage account or event hub must be in the region of the vault: name another one for another region.',
  }),
  'network rule': rowsOf<{ kind: '--ip-address' | '--subnet'; value: string }>({
    part: 'settings',
    of: ({ settings }) =>
      settings && [
        ...settings.ipRules.map((value) => ({ kind: '--ip-address' as const, value })),
        ...settings.subnets.map((value) => ({ kind: '--subnet' as const, value })),
      ],
    key: ({ value }) => value,
    text: () => 'allowed',
    set: ({ kind, value }) => az.networkRule('add', kind, value),
    remove: ({ kind, value }) => az.networkRule('remove', kind, value),
  }),
  'private endpoint': rowsOf({
    part: 'settings',
    of: ({ settings }) => settings && settings.privateEndpoints,
    key: ({ id }) => id,
    text: ({ status }) => status ?? 'connected',
    set: () => null,
    remove: ({ id }) => az.removePrivateEndpoint(id),
    byHand: ({ id }) =>
      `A private endpoint stays with its vault: make one for this vault in the same subnet (az network private-endpoint show --ids ${id}; az network private-endpoint create --private-connection-resource-id … --group-id vault) and its DNS record.`,
  }),
});

const rowsOf =
  <T>(list: List<T>): Rows =>
  (name, source, target) => {
    const from = byKey(list, source);
    const to = byKey(list, target);
    const gap = ({ vault, gaps }: VaultConfig) =>
      `Of ${vault} this is not known: ${gaps.find(({ part }) => part === list.part)?.reason ?? 'it was not read'}`;
    if (!from) return [rowOf({ setting: name, change: 'unknown', byHand: gap(source) })];
    const keys = [...new Set([...from.keys(), ...(to?.keys() ?? [])])];
    return keys.map((key): ConfigRow => {
      const [here, there] = [from.get(key), to?.get(key)];
      const row = {
        setting: `${name} ${(here ?? there)?.key}`,
        source: here?.text ?? null,
        target: there?.text ?? null,
      };
      if (to && here?.text === there?.text) return rowOf({ ...row, change: 'same' });
      if (here) {
        const command = list.set(here.item);
        const words = [to ? null : gap(target), list.byHand?.(here.item) ?? null].filter(
          (one) => one !== null,
        );
        return rowOf({
          ...row,
          change: to ? 'differs' : 'unknown',
          command,
          byHand: words.join(' ') || (command === null ? noCommand : null),
        });
      }
      const command = there ? list.remove(there.item) : null;
      return rowOf({
        ...row,
        change: 'differs',
        command,
        removes: true,
        byHand: `Only ${target.vault} has it${command === null ? ': see whether it should.' : ': keep it, or take it away.'}`,
      });
    });
  };

const noCommand =
  'The command needs the target’s resource id: write resourceId for it in RESTORE_TARGETS or BACKUP_PLANS.';

const rowOf = (row: Partial<ConfigRow> & Pick<ConfigRow, 'setting' | 'change'>): ConfigRow => ({
  source: null,
  target: null,
  command: null,
  removes: false,
  byHand: null,
  ...row,
});

/** Ids and names ignore case in Azure. */
function byKey<T>({ of, key, text }: List<T>, config: VaultConfig) {
  const items = of(config);
  return (
    items &&
    new Map(items.map((item) => [key(item).toLowerCase(), { key: key(item), text: text(item), item }]))
  );
}

function permissionsText({ keys, secrets, certificates, storage }: AccessPolicy): string {
  return Object.entries({ keys, secrets, certificates, storage })
    .filter(([, granted]) => granted.length > 0)
    .map(
      ([kind, granted]) =>
        `${kind}: ${granted
          .map((one) => one.toLowerCase())
          .sort()
          .join(' ')}`,
    )
    .join('; ');
}

function diagnosticsText(setting: DiagnosticSetting): string {
  const { workspaceId, storageAccountId, eventHubRuleId, eventHub, partnerId } = setting;
  const on = [...setting.logs, ...setting.metrics]
    .filter(({ enabled }) => enabled)
    .map(({ category, categoryGroup }) => category ?? categoryGroup ?? '')
    .sort();
  const to = [workspaceId, storageAccountId, eventHubRuleId, eventHub, partnerId].filter((id) => id !== null);
  const form = setting.resourceSpecific ? ', resource specific' : '';
  return `${on.join(', ') || 'nothing'} to ${to.join(', ') || 'nowhere'}${form}`;
}
