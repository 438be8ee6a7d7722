/**
 * What `az` would do with a command to a vault's settings, as far as the commands for settings go. Options are those of
 * the published command line; anything else is refused, as it does. Shares no code with the commands.
 */
import type { VaultConfig, VaultSettings } from '../../shared/domain/vaultConfig.ts';
import { posixWords } from './posixWords.ts';

type Options = ReadonlyMap<string, readonly string[]>;

interface Verb {
  readonly allowed: string;
  readonly run: (config: VaultConfig, one: (name: string) => string, all: Options) => VaultConfig;
}

const settings = (
  config: VaultConfig,
  change: (settings: VaultSettings) => Partial<VaultSettings>,
): VaultConfig =>
  config.settings ? { ...config, settings: { ...config.settings, ...change(config.settings) } } : config;

const vaultOptions = '--name --resource-group --subscription';
const flags: Readonly<Record<string, keyof VaultSettings>> = {
  '--enable-purge-protection': 'purgeProtection',
  '--enable-rbac-authorization': 'rbacAuthorization',
  '--enabled-for-deployment': 'enabledForDeployment',
  '--enabled-for-disk-encryption': 'enabledForDiskEncryption',
  '--enabled-for-template-deployment': 'enabledForTemplateDeployment',
};
const words: Readonly<Record<string, keyof VaultSettings>> = {
  '--bypass': 'networkBypass',
  '--default-action': 'networkDefaultAction',
  '--public-network-access': 'publicNetworkAccess',
};

const verbs: Readonly<Record<string, Verb>> = {
  'keyvault update': {
    allowed: `${vaultOptions} --set ${Object.keys({ ...flags, ...words }).join(' ')}`,
    run: (config, _, all) =>
      settings(config, () => {
        const changed: Record<string, unknown> = {};
        for (const [name, [value]] of all) {
          if (flags[name]) changed[flags[name]] = value === 'true';
          if (words[name]) changed[words[name]] = value;
          if (name === '--set' && value?.startsWith('properties.sku.name='))
            changed['sku'] = value.split('=')[1];
          if (name === '--set' && value === 'properties.enableSoftDelete=true') changed['softDelete'] = true;
        }
        return changed;
      }),
  },
  'tag update': {
    allowed: '--resource-id --operation --tags',
    run: (config, one) =>
      settings(config, ({ tags }) => {
        const [, name = '', value = ''] = /^([^=]*)=([^]*)$/.exec(one('--tags')) ?? [];
        const others = Object.entries(tags).filter(([other]) => other.toLowerCase() !== name.toLowerCase());
        return {
          tags: Object.fromEntries(one('--operation') === 'Delete' ? others : [...others, [name, value]]),
        };
      }),
  },
  'keyvault network-rule add': {
    allowed: `${vaultOptions} --ip-address --subnet`,
    run: (config, _, all) =>
      settings(config, ({ ipRules, subnets }) => ({
        ipRules: [...ipRules, ...(all.get('--ip-address') ?? [])],
        subnets: [...subnets, ...(all.get('--subnet') ?? [])],
      })),
  },
  'keyvault network-rule remove': {
    allowed: `${vaultOptions} --ip-address --subnet`,
    run: (config, _, all) =>
      settings(config, ({ ipRules, subnets }) => ({
        ipRules: ipRules.filter((rule) => !all.get('--ip-address')?.includes(rule)),
        subnets: subnets.filter((subnet) => !all.get('--subnet')?.includes(subnet)),
      })),
  },
  'keyvault set-policy': {
    allowed: `${vaultOptions} --object-id --application-id --key-permissions --secret-permissions --certificate-permissions --storage-permissions`,
    run: (config, one, all) =>
      settings(withoutPolicy(config, one, all), ({ accessPolicies, tenantId }) => ({
        accessPolicies: [
          ...accessPolicies,
          {
            tenantId: tenantId ?? '',
            objectId: one('--object-id'),
            applicationId: all.get('--application-id')?.[0] ?? null,
            keys: [...(all.get('--key-permissions') ?? [])],
            secrets: [...(all.get('--secret-permissions') ?? [])],
            certificates: [...(all.get('--certificate-permissions') ?? [])],
            storage: [...(all.get('--storage-permissions') ?? [])],
          },
        ],
      })),
  },
  'keyvault delete-policy': { allowed: `${vaultOptions} --object-id --application-id`, run: withoutPolicy },
  'role assignment create': {
    allowed: '--assignee-object-id --assignee-principal-type --role --scope --condition --condition-version',
    run: (config, one, all) => ({
      ...config,
      roleAssignments: [
        ...(config.roleAssignments ?? []).filter(
          ({ role, principalId, below }) =>
            role !== one('--role') ||
            principalId !== one('--assignee-object-id') ||
            !one('--scope').endsWith(`x${below}`),
        ),
        {
          id: 'new',
          below: one('--scope').slice(config.resourceId?.length),
          principalId: one('--assignee-object-id'),
          principalType: all.get('--assignee-principal-type')?.[0] ?? null,
          role: one('--role'),
          condition: all.get('--condition')?.[0] ?? null,
          conditionVersion: all.get('--condition-version')?.[0] ?? null,
        },
      ],
    }),
  },
  'role assignment delete': {
    allowed: '--ids',
    run: (config, one) => ({
      ...config,
      roleAssignments: (config.roleAssignments ?? []).filter(({ id }) => id !== one('--ids')),
    }),
  },
  'monitor diagnostic-settings create': {
    allowed:
      '--name --resource --workspace --storage-account --event-hub-rule --event-hub --marketplace-partner-id --export-to-resource-specific --logs --metrics',
    run: (config, one, all) => {
      const categories = (name: string) =>
        (JSON.parse(one(name)) as { category?: string; categoryGroup?: string; enabled: boolean }[]).map(
          ({ category = null, categoryGroup = null, enabled }) => ({ category, categoryGroup, enabled }),
        );
      const maybe = (name: string) => all.get(name)?.[0] ?? null;
      return {
        ...config,
        diagnosticSettings: [
          ...(config.diagnosticSettings ?? []).filter(({ name }) => name !== one('--name')),
          {
            name: one('--name'),
            workspaceId: maybe('--workspace'),
            storageAccountId: maybe('--storage-account'),
            eventHubRuleId: maybe('--event-hub-rule'),
            eventHub: maybe('--event-hub'),
            partnerId: maybe('--marketplace-partner-id'),
            resourceSpecific: maybe('--export-to-resource-specific') === 'true',
            logs: categories('--logs'),
            metrics: categories('--metrics'),
          },
        ],
      };
    },
  },
  'monitor diagnostic-settings delete': {
    allowed: '--name --resource',
    run: (config, one) => ({
      ...config,
      diagnosticSettings: (config.diagnosticSettings ?? []).filter(({ name }) => name !== one('--name')),
    }),
  },
  'keyvault certificate issuer create': {
    allowed: '--vault-name --issuer-name --provider-name',
    run: (config, one) => ({
      ...config,
      issuers: [
        ...(config.issuers ?? []).filter(({ name }) => name !== one('--issuer-name')),
        { name: one('--issuer-name'), provider: one('--provider-name') },
      ],
    }),
  },
  'keyvault certificate issuer delete': {
    allowed: '--vault-name --issuer-name',
    run: (config, one) => ({
      ...config,
      issuers: (config.issuers ?? []).filter(({ name }) => name !== one('--issuer-name')),
    }),
  },
  'keyvault key rotation-policy update': {
    allowed: '--vault-name --name --value',
    run: (config, one) => {
      const { lifetimeActions, attributes } = JSON.parse(one('--value')) as {
        lifetimeActions: {
          trigger: { timeAfterCreate?: string; timeBeforeExpiry?: string };
          action: { type: string };
        }[];
        attributes: { expiryTime?: string };
      };
      const actions = lifetimeActions.map(
        ({ trigger: { timeAfterCreate = null, timeBeforeExpiry = null }, action }) => ({
          action: action.type,
          timeAfterCreate,
          timeBeforeExpiry,
        }),
      );
      const policy = { expiryTime: attributes.expiryTime ?? null, actions };
      const others = (config.rotationPolicies ?? []).filter(({ key }) => key !== one('--name'));
      return { ...config, rotationPolicies: [...others, { key: one('--name'), policy, seenAt: null }] };
    },
  },
  'network private-endpoint delete': {
    allowed: '--ids',
    run: (config, one) =>
      settings(config, ({ privateEndpoints }) => ({
        privateEndpoints: privateEndpoints.filter(({ id }) => id !== one('--ids')),
      })),
  },
};

function withoutPolicy(config: VaultConfig, one: (name: string) => string, all: Options): VaultConfig {
  const application = all.get('--application-id')?.[0] ?? null;
  return settings(config, ({ accessPolicies }) => ({
    accessPolicies: accessPolicies.filter(
      ({ objectId, applicationId }) => objectId !== one('--object-id') || applicationId !== application,
    ),
  }));
}

/** The vault after the command. */
export function az(config: VaultConfig, line: string): VaultConfig {
  const [program, ...rest] = posixWords(line);
  if (program !== 'az') throw new Error(`not az: ${line}`);
  const at = rest.findIndex((word) => word.startsWith('--'));
  const verb = verbs[rest.slice(0, at).join(' ')];
  if (!verb) throw new Error(`az has no such command: ${line}`);
  const options = new Map<string, string[]>();
  let last: string[] = [];
  for (const word of rest.slice(at)) {
    if (verb.allowed.split(' ').includes(word)) options.set(word, (last = []));
    else if (word.startsWith('--')) throw new Error(`unrecognized arguments: ${word}`);
    else last.push(word);
  }
  const named = options.get('--vault-name') ?? options.get('--name');
  if (line.startsWith('az keyvault') && named?.[0] !== config.vault)
    throw new Error(`another vault: ${line}`);
  const id = options.get('--resource-id') ?? options.get('--resource') ?? options.get('--scope');
  if (id && !id[0]?.startsWith(config.resourceId ?? '')) throw new Error(`another vault: ${line}`);
  const one = (name: string) => {
    const value = options.get(name);
    if (value?.length !== 1) throw new Error(`${name}: expected one argument: ${line}`);
    return String(value[0]);
  };
  return verb.run(config, one, options);
}
