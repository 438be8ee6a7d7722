// One identity per duty, made before the apps, so that its rights outlive an app that is made anew.

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Makes the names unique.')
param token string

resource backupIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-kvb-backup-${token}'
  location: location
  tags: tags
}

resource restoreIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-kvb-restore-${token}'
  location: location
  tags: tags
}

resource portableIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-kvb-portable-${token}'
  location: location
  tags: tags
}

output backup object = {
  id: backupIdentity.id
  clientId: backupIdentity.properties.clientId
  principalId: backupIdentity.properties.principalId
}
output restore object = {
  id: restoreIdentity.id
  clientId: restoreIdentity.properties.clientId
  principalId: restoreIdentity.properties.principalId
}
output portable object = {
  id: portableIdentity.id
  clientId: portableIdentity.properties.clientId
  principalId: portableIdentity.properties.principalId
}
