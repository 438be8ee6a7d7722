// Everything that one installation needs, from the resource groups to the alarms. Plans and restore targets are read
// from the same files as the apps read, so that roles, private endpoints, audit logs and schedules cannot disagree.
// Nothing here locks a retention policy: that is `npm run lock-retention`, on purpose and by hand (docs/deploy.md).
targetScope = 'subscription'

@description('Name of this installation: part of every name, and the tag azd-env-name.')
@minLength(1)
@maxLength(24)
param environmentName string

@description('Region of everything that this template makes.')
param location string

@description('Subscription of the backup account. One of its own keeps the owners of production away from it.')
param backupSubscriptionId string = subscription().subscriptionId

@description('Days that a recovery point is offered. The retention policy and the app get their period from here.')
@minValue(1)
@maxValue(3650)
param retentionDays int = 90

@description('Days after which an unchanged object is captured anew: the policy must keep blobs that much longer.')
@minValue(1)
@maxValue(365)
param fullEveryDays int = 7

@description('Days within which every stored blob is read and compared.')
@minValue(1)
@maxValue(365)
param verifyEveryDays int = 30

@description('Days that audit records are kept.')
@minValue(1)
param auditRetentionDays int = 400

@description('Days that safety copies of replacing restores are kept: key material, so not for years.')
@minValue(1)
param safetyRetentionDays int = 30

@description('True once the policies are locked (npm run lock-retention): a locked policy refuses to be deployed again.')
param retentionLocked bool = false

@description('Redundancy of the backup account. The geo-redundant ones outlive a region, readable meanwhile.')
@allowed(['Standard_ZRS', 'Standard_GRS', 'Standard_RAGRS', 'Standard_GZRS', 'Standard_RAGZRS'])
param backupRedundancy string = 'Standard_RAGRS'

@description('Redundancy of the host accounts. They hold nothing that a backup or a restore could not do without.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS'])
param hostRedundancy string = 'Standard_GRS'

@description('Refuse runs while the container has no retention policy, rather than only say so.')
param requireImmutableStorage bool = false

@description('Queue functions that share the vaults (BACKUP_SHARDS).')
@minValue(1)
@maxValue(32)
param backupShards int = 1

@description('Who may call the apps: Entra ID (app roles) or function keys.')
@allowed(['entra', 'key'])
param apiAuth string = 'entra'

@description('Client id of the app registration of the backup app; needed where apiAuth is entra.')
param backupAuthClientId string = ''

@description('Client id of the app registration of the restore app, with assignment required.')
param restoreAuthClientId string = ''

@description('Client id of the app registration of the portable app.')
param portableAuthClientId string = ''

@description('Resource ids of the vaults with the keys that portable copies are encrypted to.')
param recipientVaultIds array = []

@description('Ids of those keys, without version, separated by commas: the restore app may unwrap with these alone.')
param recipientKeys string = ''

@description('True closes the storage accounts to all networks but the one made here.')
param privateNetwork bool = true

@description('True gives each vault of the plans and targets a private endpoint in the network made here.')
param privateVaults bool = false

@description('True lets the apps read the settings of each vault itself (SKU, network, access, diagnostics, issuers), to record them beside the backups.')
param vaultConfiguration bool = true

@description('Address space of the network, of which four /26 are used.')
param networkPrefix string = '10.42.0.0/24'

@description('Mailboxes that the alarms go to; at least one of them outside of this subscription’s administration.')
param alarmEmails array

@description('Days that logs are kept in the workspace.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Object ids of other identities that may back up or restore in the watched vaults without an alarm.')
param knownOperatorIds array = []

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))
var plans = any(loadJsonContent('../plans.json'))
var restoreTargets = any(loadJsonContent('../restore-targets.json'))

// A vault's entry is its name, or an object. Those with a resourceId get their rights and audit logs from here.
var sources = flatten(map(plans, plan => plan.vaults))
var knownSources = filter(sources, vault => contains(string(vault), '"resourceId":'))
var targets = flatten(map(items(restoreTargets), entry => entry.value))
var knownTargets = filter(targets, vault => contains(string(vault), '"resourceId":'))
var unknownVaults = filter(union(sources, targets), vault => !contains(string(vault), '"resourceId":'))
var watchedVaultIds = union(map(knownSources, vault => vault.resourceId), map(knownTargets, vault => vault.resourceId))
var targetIds = union(map(knownTargets, vault => vault.resourceId), [])
var replaceIds = union(
  map(filter(knownTargets, vault => contains(string(vault), '"allowReplace":true')), vault => vault.resourceId),
  []
)
var drillIds = union(
  map(filter(knownTargets, vault => contains(string(vault), '"drill":true')), vault => vault.resourceId),
  []
)
var copiesIds = union(
  map(filter(knownTargets, vault => contains(string(vault), '"portable":true')), vault => vault.resourceId),
  []
)
// Values are read only where a plan has portable; elsewhere the portable app has no right at all.
var portablePlans = filter(plans, plan => contains(string(plan), '"portable":'))
var portableSources = filter(
  flatten(map(portablePlans, plan => plan.vaults)),
  vault => contains(string(vault), '"resourceId":')
)
var usesPortable = length(portablePlans) > 0
var roleScopes = union(
  [subscription().id, '/subscriptions/${backupSubscriptionId}'],
  map(union(watchedVaultIds, recipientVaultIds), id => '/subscriptions/${split(id, '/')[2]}')
)

var cloudNames = { AzureCloud: 'public', AzureChinaCloud: 'china', AzureUSGovernment: 'usgovernment' }
var backupQueues = map(range(0, backupShards), shard => 'backup-jobs-${shard}')

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module backupGroup 'modules/backupGroup.bicep' = {
  name: 'backup-group-${token}'
  scope: subscription(backupSubscriptionId)
  params: { name: 'rg-${environmentName}-backups', location: location, tags: tags, workspaceId: monitoring.outputs.workspaceId }
}

module roles 'modules/roles.bicep' = {
  name: 'roles-${token}'
  params: { assignableScopes: roleScopes, nameSuffix: environmentName }
}

module identities 'modules/identities.bicep' = {
  name: 'identities-${token}'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network-${token}'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    addressPrefix: networkPrefix
    subnetPrefixes: [
      cidrSubnet(networkPrefix, 26, 0)
      cidrSubnet(networkPrefix, 26, 1)
      cidrSubnet(networkPrefix, 26, 2)
      cidrSubnet(networkPrefix, 26, 3)
    ]
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring-${token}'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    retentionDays: logRetentionDays
    publisherIds: [
      identities.outputs.backup.principalId
      identities.outputs.restore.principalId
      identities.outputs.portable.principalId
    ]
  }
}

module backupStorage 'modules/backupStorage.bicep' = {
  name: 'backup-storage-${token}'
  scope: resourceGroup(backupSubscriptionId, 'rg-${environmentName}-backups')
  dependsOn: [backupGroup]
  params: {
    name: 'stkvb${take(token, 13)}'
    location: location
    tags: tags
    redundancy: backupRedundancy
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    retentionLocked: retentionLocked
    // A carried blob may be fullEveryDays older than the recovery point that names it.
    backupsDays: retentionDays + fullEveryDays + 1
    auditDays: auditRetentionDays
    safetyDays: safetyRetentionDays
    workspaceId: monitoring.outputs.workspaceId
    writerRoleName: roles.outputs.writerRoleName
    readerRoleName: roles.outputs.readerRoleName
    policyRoleName: roles.outputs.policyRoleName
    backupPrincipalId: identities.outputs.backup.principalId
    restorePrincipalId: identities.outputs.restore.principalId
    portablePrincipalId: usesPortable ? identities.outputs.portable.principalId : ''
  }
}

module backupHost 'modules/hostStorage.bicep' = {
  name: 'backup-host-${token}'
  scope: group
  params: {
    name: 'stkvh${take(token, 13)}'
    location: location
    tags: tags
    redundancy: hostRedundancy
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    queues: flatten(map(concat(backupQueues, ['verify-jobs']), queue => [queue, '${queue}-poison']))
    principalId: identities.outputs.backup.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module restoreHost 'modules/hostStorage.bicep' = {
  name: 'restore-host-${token}'
  scope: group
  params: {
    name: 'stkvr${take(token, 13)}'
    location: location
    tags: tags
    redundancy: hostRedundancy
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    queues: ['restore-jobs', 'restore-jobs-poison']
    principalId: identities.outputs.restore.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module portableHost 'modules/hostStorage.bicep' = {
  name: 'portable-host-${token}'
  scope: group
  params: {
    name: 'stkvp${take(token, 13)}'
    location: location
    tags: tags
    redundancy: hostRedundancy
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    queues: ['portable-jobs', 'portable-jobs-poison']
    principalId: identities.outputs.portable.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module storageEndpoints 'modules/privateEndpoint.bicep' = [for endpoint in [
  { name: 'backups-blob', service: 'blob', account: 0 }
  { name: 'backup-host-blob', service: 'blob', account: 1 }
  { name: 'backup-host-queue', service: 'queue', account: 1 }
  { name: 'restore-host-blob', service: 'blob', account: 2 }
  { name: 'restore-host-queue', service: 'queue', account: 2 }
  { name: 'portable-host-blob', service: 'blob', account: 3 }
  { name: 'portable-host-queue', service: 'queue', account: 3 }
]: if (privateNetwork) {
  name: 'endpoint-${endpoint.name}-${token}'
  scope: group
  params: {
    name: 'pep-${endpoint.name}-${token}'
    location: location
    tags: tags
    targetId: [backupStorage.outputs.id, backupHost.outputs.id, restoreHost.outputs.id, portableHost.outputs.id][endpoint.account]
    service: endpoint.service
    subnetId: network.outputs.endpointSubnetId
    zoneId: endpoint.service == 'blob' ? network.outputs.blobZoneId : network.outputs.queueZoneId
  }
}]

module vaultEndpoints 'modules/privateEndpoint.bicep' = [for (id, index) in watchedVaultIds: if (privateNetwork && privateVaults) {
  name: 'endpoint-vault-${index}-${token}'
  scope: group
  params: {
    name: 'pep-${last(split(id, '/'))}-${token}'
    location: location
    tags: tags
    targetId: id
    service: 'vault'
    subnetId: network.outputs.endpointSubnetId
    zoneId: network.outputs.vaultZoneId
  }
}]

module sourceRoles 'modules/vaultRole.bicep' = [for (vault, index) in knownSources: {
  name: 'source-role-${index}-${token}'
  scope: resourceGroup(split(vault.resourceId, '/')[2], split(vault.resourceId, '/')[4])
  params: {
    vaultName: last(split(vault.resourceId, '/'))
    roleName: roles.outputs.sourceRoleName
    principalId: identities.outputs.backup.principalId
  }
}]

module targetRoles 'modules/vaultRole.bicep' = [for (id, index) in targetIds: {
  name: 'target-role-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    vaultName: last(split(id, '/'))
    roleName: roles.outputs.targetRoleName
    principalId: identities.outputs.restore.principalId
  }
}]

module replaceRoles 'modules/vaultRole.bicep' = [for (id, index) in replaceIds: {
  name: 'replace-role-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    vaultName: last(split(id, '/'))
    roleName: roles.outputs.replaceRoleName
    principalId: identities.outputs.restore.principalId
  }
}]

module drillRoles 'modules/vaultRole.bicep' = [for (id, index) in drillIds: {
  name: 'drill-role-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    vaultName: last(split(id, '/'))
    roleName: roles.outputs.drillRoleName
    principalId: identities.outputs.restore.principalId
  }
}]

module portableRoles 'modules/vaultRole.bicep' = [for (id, index) in map(portableSources, vault => vault.resourceId): {
  name: 'portable-role-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    vaultName: last(split(id, '/'))
    roleName: roles.outputs.portableRoleName
    principalId: identities.outputs.portable.principalId
  }
}]

module copiesRoles 'modules/vaultRole.bicep' = [for (id, index) in copiesIds: {
  name: 'copies-role-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    vaultName: last(split(id, '/'))
    roleName: roles.outputs.copiesRoleName
    principalId: identities.outputs.restore.principalId
  }
}]

module recipientRoles 'modules/vaultRole.bicep' = [for (id, index) in recipientVaultIds: {
  name: 'recipient-role-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    vaultName: last(split(id, '/'))
    roleName: roles.outputs.recipientRoleName
    principalId: identities.outputs.portable.principalId
  }
}]

module unwrapRoles 'modules/vaultRole.bicep' = [for (id, index) in recipientVaultIds: {
  name: 'unwrap-role-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    vaultName: last(split(id, '/'))
    roleName: roles.outputs.unwrapRoleName
    principalId: identities.outputs.restore.principalId
  }
}]

module sourceConfigurationRoles 'modules/vaultRole.bicep' = [for (vault, index) in knownSources: if (vaultConfiguration) {
  name: 'source-configuration-role-${index}-${token}'
  scope: resourceGroup(split(vault.resourceId, '/')[2], split(vault.resourceId, '/')[4])
  params: {
    vaultName: last(split(vault.resourceId, '/'))
    roleName: roles.outputs.configurationRoleName
    principalId: identities.outputs.backup.principalId
  }
}]

module targetConfigurationRoles 'modules/vaultRole.bicep' = [for (id, index) in targetIds: if (vaultConfiguration) {
  name: 'target-configuration-role-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: {
    vaultName: last(split(id, '/'))
    roleName: roles.outputs.configurationRoleName
    principalId: identities.outputs.restore.principalId
  }
}]

module vaultAudits 'modules/vaultAudit.bicep' = [for (id, index) in watchedVaultIds: {
  name: 'vault-audit-${index}-${token}'
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: { vaultName: last(split(id, '/')), settingName: 'kvb-${token}', workspaceId: monitoring.outputs.workspaceId }
}]

module backupApp 'modules/functionApp.bicep' = {
  name: 'backup-app-${token}'
  scope: group
  params: {
    name: 'func-kvb-backup-${token}'
    service: 'backup'
    location: location
    tags: tags
    identity: identities.outputs.backup
    hostStorageName: backupHost.outputs.name
    insightsConnectionString: monitoring.outputs.connectionString
    workspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetwork ? network.outputs.backupSubnetId : ''
    authClientId: apiAuth == 'entra' ? backupAuthClientId : ''
    settings: [
      { name: 'APP_ROLE', value: 'backup' }
      { name: 'API_AUTH', value: apiAuth }
      { name: 'AZURE_CLOUD', value: cloudNames[environment().name] }
      { name: 'BACKUP_PLANS_FILE', value: 'plans.json' }
      { name: 'BACKUP_SHARDS', value: string(backupShards) }
      { name: 'BackupStorage__blobServiceUri', value: backupStorage.outputs.blobEndpoint }
      { name: 'BACKUP_STORAGE_RESOURCE_ID', value: backupStorage.outputs.id }
      { name: 'RETENTION_DAYS', value: string(retentionDays) }
      { name: 'FULL_EVERY_DAYS', value: string(fullEveryDays) }
      { name: 'VERIFY_EVERY_DAYS', value: string(verifyEveryDays) }
      { name: 'REQUIRE_IMMUTABLE_STORAGE', value: requireImmutableStorage ? 'true' : 'false' }
    ]
  }
}

module restoreApp 'modules/functionApp.bicep' = {
  name: 'restore-app-${token}'
  scope: group
  params: {
    name: 'func-kvb-restore-${token}'
    service: 'restore'
    location: location
    tags: tags
    identity: identities.outputs.restore
    hostStorageName: restoreHost.outputs.name
    insightsConnectionString: monitoring.outputs.connectionString
    workspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetwork ? network.outputs.restoreSubnetId : ''
    authClientId: apiAuth == 'entra' ? restoreAuthClientId : ''
    settings: [
      { name: 'APP_ROLE', value: 'restore' }
      { name: 'API_AUTH', value: apiAuth }
      { name: 'AZURE_CLOUD', value: cloudNames[environment().name] }
      { name: 'BackupStorage__blobServiceUri', value: backupStorage.outputs.blobEndpoint }
      // Drills are in the plans.
      { name: 'BACKUP_PLANS_FILE', value: 'plans.json' }
      { name: 'RESTORE_TARGETS', value: string(restoreTargets) }
      { name: 'RECIPIENT_KEYS', value: recipientKeys }
      { name: 'RETENTION_DAYS', value: string(retentionDays) }
    ]
  }
}

module portableApp 'modules/functionApp.bicep' = {
  name: 'portable-app-${token}'
  scope: group
  params: {
    name: 'func-kvb-portable-${token}'
    service: 'portable'
    location: location
    tags: tags
    identity: identities.outputs.portable
    hostStorageName: portableHost.outputs.name
    insightsConnectionString: monitoring.outputs.connectionString
    workspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetwork ? network.outputs.portableSubnetId : ''
    authClientId: apiAuth == 'entra' ? portableAuthClientId : ''
    settings: [
      { name: 'APP_ROLE', value: 'portable' }
      { name: 'API_AUTH', value: apiAuth }
      { name: 'AZURE_CLOUD', value: cloudNames[environment().name] }
      { name: 'BackupStorage__blobServiceUri', value: backupStorage.outputs.blobEndpoint }
      { name: 'BACKUP_PLANS_FILE', value: 'plans.json' }
      { name: 'RETENTION_DAYS', value: string(retentionDays) }
      { name: 'FULL_EVERY_DAYS', value: string(fullEveryDays) }
    ]
  }
}

module alarms 'modules/alarms.bicep' = {
  name: 'alarms-${token}'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    workspaceId: monitoring.outputs.workspaceId
    emails: alarmEmails
    knownObjectIds: union(
      [
        identities.outputs.backup.principalId
        identities.outputs.restore.principalId
        identities.outputs.portable.principalId
      ],
      knownOperatorIds
    )
    backupAccountName: backupStorage.outputs.name
  }
}

output BACKUP_STORAGE_RESOURCE_ID string = backupStorage.outputs.id
output BACKUP_URL string = backupApp.outputs.url
output RESTORE_URL string = restoreApp.outputs.url
output PORTABLE_URL string = portableApp.outputs.url
output BACKUP_PRINCIPAL_ID string = identities.outputs.backup.principalId
output RESTORE_PRINCIPAL_ID string = identities.outputs.restore.principalId
output PORTABLE_PRINCIPAL_ID string = identities.outputs.portable.principalId
output VAULTS_WITHOUT_ROLE string = string(unknownVaults)
