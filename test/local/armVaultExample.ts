/** A vault as Resource Manager answers it: everything set, in its own words. */
import { type ArmVault, subscription, vaultId } from './armVaults.ts';

const network = `/subscriptions/${subscription}/resourceGroups/net/providers/Microsoft.Network`;
const workspace = `/subscriptions/${subscription}/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/w`;
const tenantId = 'aaaaaaaa-0000-0000-0000-000000000001';
const principalId = '11111111-2222-3333-4444-555555555555';

const assignment = (scope: string, id: string, properties: object = {}) => ({
  id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${id}`,
  type: 'Microsoft.Authorization/roleAssignments',
  name: id,
  properties: {
    scope,
    principalId,
    principalType: 'ServicePrincipal',
    roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6`,
    condition: null,
    conditionVersion: null,
    ...properties,
  },
});

export const everything = (name: string): ArmVault => ({
  name,
  location: 'westeurope',
  tags: { team: "the payments' team" },
  properties: {
    sku: { family: 'A', name: 'premium' },
    tenantId,
    accessPolicies: [
      {
        tenantId,
        objectId: principalId,
        applicationId: '99999999-8888-7777-6666-555555555555',
        permissions: { keys: ['get', 'list'], secrets: ['get'], certificates: [] },
      },
    ],
    enabledForDeployment: true,
    enabledForDiskEncryption: false,
    enabledForTemplateDeployment: true,
    enableSoftDelete: true,
    softDeleteRetentionInDays: 30,
    enableRbacAuthorization: true,
    enablePurgeProtection: true,
    networkAcls: {
      bypass: 'None',
      defaultAction: 'Deny',
      ipRules: [{ value: '203.0.113.7/32' }],
      virtualNetworkRules: [
        { id: `${network}/virtualNetworks/hub/subnets/apps`, ignoreMissingVnetServiceEndpoint: false },
      ],
    },
    privateEndpointConnections: [
      {
        id: `${vaultId(name)}/privateEndpointConnections/pe`,
        properties: {
          provisioningState: 'Succeeded',
          privateEndpoint: { id: `${network}/privateEndpoints/pe` },
          privateLinkServiceConnectionState: { status: 'Approved', actionsRequired: 'None' },
        },
      },
    ],
    publicNetworkAccess: 'Disabled',
    vaultUri: `https://${name}.vault.azure.net/`,
    provisioningState: 'Succeeded',
  },
  roleAssignments: [
    assignment(`/subscriptions/${subscription}`, 'inherited'),
    assignment(vaultId(name), 'own'),
    assignment(`${vaultId(name)}/secrets/db`, 'of-a-secret', {
      condition: "@Request[a] StringEquals 'b'",
      conditionVersion: '2.0',
    }),
    assignment(`${vaultId(name)}-two`, 'of-another-vault'),
    // Azure gives ids back in whatever case they were written.
    assignment(vaultId(name).toUpperCase(), 'shouted'),
  ],
  diagnosticSettings: [
    {
      id: `${vaultId(name)}/providers/microsoft.insights/diagnosticSettings/audit`,
      name: 'audit',
      properties: {
        workspaceId: workspace,
        logAnalyticsDestinationType: 'Dedicated',
        storageAccountId: null,
        logs: [
          {
            category: null,
            categoryGroup: 'audit',
            enabled: true,
            retentionPolicy: { enabled: false, days: 0 },
          },
          { category: 'AzurePolicyEvaluationDetails', categoryGroup: null, enabled: false },
        ],
        metrics: [{ category: 'AllMetrics', enabled: true, timeGrain: null }],
      },
    },
    {
      id: `${vaultId(name)}/providers/microsoft.insights/diagnosticSettings/archive`,
      name: 'archive',
      properties: {
        eventHubAuthorizationRuleId: `${workspace}/rule`,
        eventHubName: 'hub',
        logs: [],
        metrics: [],
      },
    },
  ],
});

/** A vault of which Azure leaves out what is not set. */
export const bare = (name: string): ArmVault => ({
  name,
  location: 'northeurope',
  tags: {},
  properties: {
    sku: { family: 'A', name: 'standard' },
    tenantId,
    accessPolicies: [],
    vaultUri: `https://${name}.vault.azure.net/`,
  },
  roleAssignments: [],
  diagnosticSettings: [],
});
