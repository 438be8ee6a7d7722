/** Two vaults' settings that differ in everything: one in use, and one as it was made. */
import type { VaultConfig } from '../../shared/domain/vaultConfig.ts';

const subscription = '/subscriptions/5f0c3a1e-0d1b-4c55-9d0e-6f6c1c0f7a11';
const network = `${subscription}/resourceGroups/net/providers/Microsoft.Network`;
const reader = '4633458b-17de-408a-b874-0445c86b69e6';
const person = '11111111-2222-3333-4444-555555555555';
const other = '99999999-8888-7777-6666-555555555555';

const base = (vault: string) => ({
  format: 1 as const,
  vault,
  vaultUrl: `https://${vault}.vault.azure.net`,
  resourceId: `${subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${vault}`,
  takenAt: '2026-11-22T02:00:00.000Z',
  gaps: [],
  app: '1.0.0',
});

const assigned = { principalType: 'ServicePrincipal', condition: null, conditionVersion: null };
const nowhere = { storageAccountId: null, eventHubRuleId: null, eventHub: null, partnerId: null };

export const configOf = (vault: string): VaultConfig => ({
  ...base(vault),
  settings: {
    region: 'westeurope',
    tenantId: 'aaaaaaaa-0000-0000-0000-000000000001',
    sku: 'premium',
    softDelete: true,
    softDeleteDays: 90,
    purgeProtection: true,
    rbacAuthorization: true,
    accessPolicies: [
      {
        tenantId: 'aaaaaaaa-0000-0000-0000-000000000001',
        objectId: person,
        applicationId: null,
        keys: ['get', 'list'],
        secrets: ['Get'],
        certificates: [],
        storage: [],
      },
    ],
    enabledForDeployment: true,
    enabledForDiskEncryption: true,
    enabledForTemplateDeployment: true,
    publicNetworkAccess: 'Disabled',
    networkDefaultAction: 'Deny',
    networkBypass: 'None',
    ipRules: ['203.0.113.7/32'],
    subnets: [`${network}/virtualNetworks/hub/subnets/apps`],
    privateEndpoints: [{ id: `${network}/privateEndpoints/pe-${vault}`, status: 'Approved' }],
    tags: { team: "the payments' team", empty: '' },
  },
  roleAssignments: [
    { id: `${vault}-1`, below: '', principalId: person, role: reader, ...assigned },
    {
      id: `${vault}-2`,
      below: '/secrets/db',
      principalId: person,
      role: reader,
      ...assigned,
      condition: "@Request['x'] StringEquals 'y'",
      conditionVersion: '2.0',
    },
  ],
  diagnosticSettings: [
    {
      name: 'audit',
      workspaceId: `${subscription}/workspaces/w`,
      ...nowhere,
      resourceSpecific: true,
      logs: [{ category: null, categoryGroup: 'audit', enabled: true }],
      metrics: [{ category: 'AllMetrics', categoryGroup: null, enabled: true }],
    },
    {
      name: 'archive',
      workspaceId: null,
      ...nowhere,
      resourceSpecific: false,
      storageAccountId: `${subscription}/storageAccounts/logs`,
      logs: [{ category: 'AuditEvent', categoryGroup: null, enabled: true }],
      metrics: [],
    },
  ],
  issuers: [{ name: 'digicert-prod', provider: 'DigiCert' }],
  rotationPolicies: [
    {
      key: 'signing',
      policy: {
        expiryTime: 'P2Y',
        actions: [{ action: 'Rotate', timeAfterCreate: 'P1Y', timeBeforeExpiry: null }],
      },
      seenAt: null,
    },
    {
      key: 'wrapping',
      policy: {
        expiryTime: null,
        actions: [{ action: 'Notify', timeAfterCreate: null, timeBeforeExpiry: 'P30D' }],
      },
      seenAt: null,
    },
  ],
});

export const otherConfig = (vault: string): VaultConfig => ({
  ...base(vault),
  settings: {
    region: 'northeurope',
    tenantId: 'aaaaaaaa-0000-0000-0000-000000000002',
    sku: 'standard',
    softDelete: false,
    softDeleteDays: 7,
    purgeProtection: false,
    rbacAuthorization: false,
    accessPolicies: [
      {
        tenantId: 'aaaaaaaa-0000-0000-0000-000000000002',
        objectId: person,
        applicationId: null,
        keys: ['get', 'purge'],
        secrets: [],
        certificates: ['get'],
        storage: ['get'],
      },
      {
        tenantId: 'aaaaaaaa-0000-0000-0000-000000000002',
        objectId: other,
        applicationId: person,
        keys: ['get'],
        secrets: [],
        certificates: [],
        storage: [],
      },
    ],
    enabledForDeployment: false,
    enabledForDiskEncryption: false,
    enabledForTemplateDeployment: false,
    publicNetworkAccess: 'Enabled',
    networkDefaultAction: 'Allow',
    networkBypass: 'AzureServices',
    ipRules: ['198.51.100.0/24'],
    subnets: [`${network}/virtualNetworks/spoke/subnets/old`],
    privateEndpoints: [],
    tags: { team: 'nobody', 'only-there': 'yes' },
  },
  roleAssignments: [{ id: `${vault}-9`, below: '', principalId: other, role: reader, ...assigned }],
  diagnosticSettings: [
    {
      name: 'audit',
      workspaceId: null,
      ...nowhere,
      resourceSpecific: false,
      eventHubRuleId: `${subscription}/rules/r`,
      eventHub: 'hub',
      logs: [{ category: 'AuditEvent', categoryGroup: null, enabled: false }],
      metrics: [],
    },
    {
      name: 'old',
      workspaceId: `${subscription}/workspaces/w`,
      ...nowhere,
      resourceSpecific: false,
      logs: [],
      metrics: [],
    },
  ],
  issuers: [
    { name: 'digicert-prod', provider: 'Test' },
    { name: 'old', provider: 'GlobalSign' },
  ],
  rotationPolicies: [{ key: 'only-there', policy: { expiryTime: 'P1Y', actions: [] }, seenAt: null }],
});
