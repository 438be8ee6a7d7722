/**
 * The `az` commands that would set a vault's settings, for a POSIX shell. Built of what vaults answered, so every word
 * that is not plain is quoted. This service shows them and never runs one.
 */
import type {
  AccessPolicy,
  CertificateIssuer,
  DiagnosticSetting,
  KeyRotation,
  RoleAssignment,
  VaultConfig,
} from './vaultConfig.ts';

const quoted = (word: string) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const line = (verb: string, ...options: readonly (readonly string[])[]) =>
  [`az ${verb}`, ...options.flat().map(quoted)].join(' ');

/** Left out if there is no value. */
const given = (name: string, value: string | null) => (value === null ? [] : [name, value]);

export type AzCommands = ReturnType<typeof azCommands>;

/** Of one vault. A command is null if it needs the vault's resource id and that is not known. */
export function azCommands({ vault, resourceId }: Pick<VaultConfig, 'vault' | 'resourceId'>) {
  const [, , subscription = null, , group = null] = resourceId?.split('/') ?? [];
  const named = [
    '--name',
    vault,
    ...given('--resource-group', group),
    ...given('--subscription', subscription),
  ];
  const ofVault = ['--vault-name', vault];
  const byId = (command: (id: string) => string) => (resourceId === null ? null : command(resourceId));
  const tag = (operation: 'Merge' | 'Delete') => (name: string, value: string) =>
    byId((id) =>
      line('tag update', ['--resource-id', id, '--operation', operation, '--tags', `${name}=${value}`]),
    );

  return {
    update: (...options: readonly string[]) => line('keyvault update', named, options),
    setTag: tag('Merge'),
    removeTag: tag('Delete'),

    networkRule: (verb: 'add' | 'remove', kind: '--ip-address' | '--subnet', value: string) =>
      line(`keyvault network-rule ${verb}`, named, [kind, value]),

    setPolicy: ({ objectId, applicationId, keys, secrets, certificates, storage }: AccessPolicy) =>
      line(
        'keyvault set-policy',
        named,
        ['--object-id', objectId],
        given('--application-id', applicationId),
        // Without a word after it, an option takes away all of its kind.
        ['--key-permissions', ...keys],
        ['--secret-permissions', ...secrets],
        ['--certificate-permissions', ...certificates],
        ['--storage-permissions', ...storage],
      ),
    deletePolicy: ({ objectId, applicationId }: AccessPolicy) =>
      line(
        'keyvault delete-policy',
        named,
        ['--object-id', objectId],
        given('--application-id', applicationId),
      ),

    assignRole: ({ below, principalId, principalType, role, condition, conditionVersion }: RoleAssignment) =>
      byId((id) =>
        line(
          'role assignment create',
          ['--assignee-object-id', principalId],
          given('--assignee-principal-type', principalType),
          ['--role', role, '--scope', `${id}${below}`],
          given('--condition', condition),
          given('--condition-version', condition === null ? null : conditionVersion),
        ),
      ),
    removeRole: ({ id }: RoleAssignment) => line('role assignment delete', ['--ids', id]),

    setDiagnostics: (setting: DiagnosticSetting) =>
      byId((id) =>
        line(
          'monitor diagnostic-settings create',
          ['--name', setting.name, '--resource', id],
          given('--workspace', setting.workspaceId),
          given('--storage-account', setting.storageAccountId),
          given('--event-hub-rule', setting.eventHubRuleId),
          given('--event-hub', setting.eventHub),
          given('--marketplace-partner-id', setting.partnerId),
          given('--export-to-resource-specific', setting.resourceSpecific ? 'true' : null),
          ['--logs', categories(setting.logs), '--metrics', categories(setting.metrics)],
        ),
      ),
    removeDiagnostics: ({ name }: DiagnosticSetting) =>
      byId((id) => line('monitor diagnostic-settings delete', ['--name', name, '--resource', id])),

    createIssuer: ({ name, provider }: CertificateIssuer) =>
      line(
        'keyvault certificate issuer create',
        ofVault,
        ['--issuer-name', name],
        given('--provider-name', provider),
      ),
    removeIssuer: ({ name }: CertificateIssuer) =>
      line('keyvault certificate issuer delete', ofVault, ['--issuer-name', name]),

    setRotation: ({ key, policy }: KeyRotation) =>
      line('keyvault key rotation-policy update', ofVault, ['--name', key, '--value', rotationValue(policy)]),

    removePrivateEndpoint: (id: string) => line('network private-endpoint delete', ['--ids', id]),
  };
}

const categories = (settings: DiagnosticSetting['logs']) =>
  JSON.stringify(
    settings.map(({ category, categoryGroup, enabled }) =>
      category === null ? { categoryGroup, enabled } : { category, enabled },
    ),
  );

const rotationValue = ({ expiryTime, actions }: KeyRotation['policy']) =>
  JSON.stringify({
    lifetimeActions: actions.map(({ action, timeAfterCreate, timeBeforeExpiry }) => ({
      trigger: timeAfterCreate === null ? { timeBeforeExpiry } : { timeAfterCreate },
      action: { type: action },
    })),
    attributes: expiryTime === null ? {} : { expiryTime },
  });
