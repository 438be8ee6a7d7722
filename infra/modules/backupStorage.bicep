// The backup account: three WORM containers and nothing else. Whoever writes here can only add. No shared keys, no
// public blobs, TLS 1.2. Containers have their own retention policies (not version-level: that one lets an overwrite
// hide a blob); this template sets their periods and never locks them.

@description('Name of the account.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Redundancy.')
param redundancy string

@description('Enabled or Disabled: whether other networks than the private one may connect.')
param publicNetworkAccess string

@description('True: the policies are locked, and left as they are.')
param retentionLocked bool

@description('Retention of backups, in days.')
param backupsDays int

@description('Retention of audit records, in days.')
param auditDays int

@description('Retention of safety copies, in days.')
param safetyDays int

@description('Workspace for the logs of every read, write and deletion.')
param workspaceId string

@description('Name (a GUID) of the role that may add and read.')
param writerRoleName string

@description('Name (a GUID) of the role that may read.')
param readerRoleName string

@description('Name (a GUID) of the role that may look at the policy.')
param policyRoleName string

@description('Object id of the backup app’s identity.')
param backupPrincipalId string

@description('Object id of the restore app’s identity.')
param restorePrincipalId string

@description('Object id of the portable app’s identity; empty where no plan has portable.')
param portablePrincipalId string

// Soft-deleted blobs stay this long after the lifecycle has removed them.
var softDeleteDays = 14
// The lifecycle begins some days after the policy ends, so that it never meets a blob that is still protected.
var marginDays = 3

var containers = [
  { name: 'backups', days: backupsDays }
  { name: 'audit', days: auditDays }
  { name: 'safety', days: safetyDays }
]
var grants = [
  { container: 0, role: writerRoleName, principal: backupPrincipalId }
  { container: 0, role: policyRoleName, principal: backupPrincipalId }
  { container: 1, role: writerRoleName, principal: backupPrincipalId }
  { container: 0, role: readerRoleName, principal: restorePrincipalId }
  { container: 1, role: writerRoleName, principal: restorePrincipalId }
  { container: 2, role: writerRoleName, principal: restorePrincipalId }
  { container: 0, role: writerRoleName, principal: portablePrincipalId }
  { container: 0, role: readerRoleName, principal: portablePrincipalId }
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  // checkov:skip=CKV_AZURE_35: denied with privateNetwork (the default); without it there is no network to allow
  // checkov:skip=CKV_AZURE_206: a parameter: its allowed values are in main.bicep
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    allowedCopyScope: 'AAD'
    defaultToOAuthAuthentication: true
    isHnsEnabled: false
    isLocalUserEnabled: false
    isSftpEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: { defaultAction: publicNetworkAccess == 'Enabled' ? 'Allow' : 'Deny', bypass: 'None' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
  }
}

resource worm 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [for container in containers: {
  parent: blobs
  name: container.name
  properties: { publicAccess: 'None' }
}]

// A policy is made unlocked. Its state cannot be written, and a locked one refuses this PUT: hence the condition.
resource policies 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-06-01' = [for (container, index) in containers: if (!retentionLocked) {
  parent: worm[index]
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: container.days
    allowProtectedAppendWrites: false
    allowProtectedAppendWritesAll: false
  }
}]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  dependsOn: [worm]
  properties: {
    policy: {
      rules: [for container in containers: {
        name: 'delete-${container.name}'
        type: 'Lifecycle'
        enabled: true
        definition: {
          filters: { blobTypes: ['blockBlob'], prefixMatch: ['${container.name}/'] }
          actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: container.days + marginDays } } }
        }
      }]
    }
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in grants: if (!empty(grant.principal)) {
  scope: worm[grant.container]
  name: guid(account.id, string(grant.container), grant.principal, grant.role)
  properties: {
    principalId: grant.principal
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
  }
}]

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobs
  name: 'kvb'
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'StorageRead', enabled: true }
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

// Keeps the account itself from a careless deletion. It protects no blob: that is the policies' duty.
resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: account
  name: 'kvb-backups'
  properties: { level: 'CanNotDelete', notes: 'Holds the backups of key vaults. See docs/deploy.md before taking it down.' }
}

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
