/** What Azure Resource Manager answers of a vault, in the domain's words. What is absent is as Azure has it by default. */
import type { Vault } from '@azure/arm-keyvault/models';
import { z } from 'zod';
import type { DiagnosticSetting, RoleAssignment, VaultSettings } from '../domain/vaultConfig.ts';

export function settingsOf({ location, tags, properties }: Vault): VaultSettings {
  const { networkAcls, accessPolicies = [], privateEndpointConnections = [] } = properties;
  return {
    region: location ?? null,
    tenantId: properties.tenantId ?? null,
    sku: properties.sku.name,
    // Every vault has it since 2025; one that was made before it was known says so.
    softDelete: properties.enableSoftDelete ?? true,
    softDeleteDays: properties.softDeleteRetentionInDays ?? null,
    purgeProtection: properties.enablePurgeProtection ?? false,
    rbacAuthorization: properties.enableRbacAuthorization ?? false,
    accessPolicies: accessPolicies.map(({ tenantId, objectId, applicationId, permissions }) => ({
      tenantId,
      objectId,
      applicationId: applicationId ?? null,
      keys: permissions.keys ?? [],
      secrets: permissions.secrets ?? [],
      certificates: permissions.certificates ?? [],
      storage: permissions.storage ?? [],
    })),
    enabledForDeployment: properties.enabledForDeployment ?? false,
    enabledForDiskEncryption: properties.enabledForDiskEncryption ?? false,
    enabledForTemplateDeployment: properties.enabledForTemplateDeployment ?? false,
    publicNetworkAccess: properties.publicNetworkAccess ?? 'Enabled',
    networkDefaultAction: networkAcls?.defaultAction ?? 'Allow',
    networkBypass: networkAcls?.bypass ?? 'AzureServices',
    ipRules: (networkAcls?.ipRules ?? []).map(({ value }) => value),
    subnets: (networkAcls?.virtualNetworkRules ?? []).map(({ id }) => id),
    privateEndpoints: privateEndpointConnections.flatMap(
      ({ privateEndpoint, privateLinkServiceConnectionState }) =>
        privateEndpoint?.id
          ? [{ id: privateEndpoint.id, status: privateLinkServiceConnectionState?.status ?? null }]
          : [],
    ),
    tags: tags ?? {},
  };
}

const text = z.string().nullish();
const nextLink = text;

export const assignmentPage = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      properties: z.object({
        scope: z.string(),
        principalId: z.string(),
        principalType: text,
        roleDefinitionId: z.string(),
        condition: text,
        conditionVersion: text,
      }),
    }),
  ),
  nextLink,
});

/** The list names what applies to the vault: also what was assigned above it, which is not the vault's own. */
export function assignmentsOf(
  pages: readonly z.infer<typeof assignmentPage>[],
  resourceId: string,
): RoleAssignment[] {
  const isOwn = (scope: string) => `${scope}/`.toLowerCase().startsWith(`${resourceId}/`.toLowerCase());
  return pages
    .flatMap(({ value }) => value)
    .filter(({ properties }) => isOwn(properties.scope))
    .map(({ id, properties }) => ({
      id,
      below: properties.scope.slice(resourceId.length),
      principalId: properties.principalId,
      principalType: properties.principalType ?? null,
      role: properties.roleDefinitionId.split('/').at(-1) ?? '',
      condition: properties.condition ?? null,
      conditionVersion: properties.conditionVersion ?? null,
    }));
}

const switches = z.array(z.object({ category: text, categoryGroup: text, enabled: z.boolean() })).nullish();

export const diagnosticsPage = z.object({
  value: z.array(
    z.object({
      name: z.string(),
      properties: z.object({
        workspaceId: text,
        storageAccountId: text,
        eventHubAuthorizationRuleId: text,
        eventHubName: text,
        marketplacePartnerId: text,
        logAnalyticsDestinationType: text,
        logs: switches,
        metrics: switches,
      }),
    }),
  ),
  nextLink,
});

const switchesOf = (given: z.infer<typeof switches>): DiagnosticSetting['logs'] =>
  (given ?? []).map(({ category, categoryGroup, enabled }) => ({
    category: category ?? null,
    categoryGroup: categoryGroup ?? null,
    enabled,
  }));

export const diagnosticsOf = (pages: readonly z.infer<typeof diagnosticsPage>[]): DiagnosticSetting[] =>
  pages
    .flatMap(({ value }) => value)
    .map(({ name, properties }) => ({
      name,
      workspaceId: properties.workspaceId ?? null,
      storageAccountId: properties.storageAccountId ?? null,
      eventHubRuleId: properties.eventHubAuthorizationRuleId ?? null,
      eventHub: properties.eventHubName ?? null,
      partnerId: properties.marketplacePartnerId ?? null,
      resourceSpecific: properties.logAnalyticsDestinationType === 'Dedicated',
      logs: switchesOf(properties.logs),
      metrics: switchesOf(properties.metrics),
    }));
