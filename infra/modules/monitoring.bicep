// The workspace that every log goes to, and Application Insights on it. Traces are not sampled (host.json): alarms
// count events. Only the apps' identities may publish, because a forged event could hide or raise an alarm.

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Makes the names unique.')
param token string

@description('Days that logs are kept.')
param retentionDays int

@description('Object ids of the identities that may publish telemetry.')
param publisherIds array

// Monitoring Metrics Publisher.
var publisherRole = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-kvb-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-kvb-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
  }
}

resource publishers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (principalId, index) in publisherIds: {
  scope: insights
  name: guid(insights.id, string(index), publisherRole)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisherRole)
  }
}]

output workspaceId string = workspace.id
output connectionString string = insights.properties.ConnectionString
