// One function app on a Flex Consumption plan of its own, from the one package. maximumInstanceCount is 1: then each
// queue function has one instance, and each vault one rate limiter, without any coordination (ARCHITECTURE.md, Shards).

@description('Name of the app.')
param name string

@description('Service of azure.yaml that is deployed here.')
param service string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The app’s user-assigned identity: {id, clientId, principalId}.')
param identity object

@description('Name of the app’s own host account, in this resource group.')
param hostStorageName string

@description('Connection string of Application Insights. It holds no secret: publishing needs the identity.')
param insightsConnectionString string

@description('Workspace for the app’s own logs.')
param workspaceId string

@description('Subnet for outgoing connections; empty: none.')
param subnetId string

@description('Client id of the app registration that callers sign in to; empty: function keys instead.')
param authClientId string

@description('Settings of this app, as {name, value}; shared/config.ts reads them.')
param settings array

// The platform's own. FUNCTIONS_WORKER_RUNTIME and the like do not exist on Flex Consumption: runtime says it.
var platformSettings = [
  { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
  { name: 'AzureWebJobsStorage__clientId', value: identity.clientId }
  { name: 'AzureWebJobsStorage__blobServiceUri', value: storage.properties.primaryEndpoints.blob }
  { name: 'AzureWebJobsStorage__queueServiceUri', value: storage.properties.primaryEndpoints.queue }
  { name: 'AZURE_CLIENT_ID', value: identity.clientId }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identity.clientId};Authorization=AAD' }
]

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorageName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  // checkov:skip=CKV_AZURE_225: one instance per function is the point; a run that is interrupted goes on by itself
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  // checkov:skip=CKV_AZURE_222: whoever restores on the worst night may have no private line; sign-in and app roles guard it
  // checkov:skip=CKV_AZURE_17: callers sign in to Entra ID, or have a function key; certificates would be a third way
  // checkov:skip=CKV_AZURE_212: one instance per function is the point: it has the rate limiter of its vaults
  // checkov:skip=CKV_AZURE_213: a health check pings instances that Flex Consumption otherwise stops; the watch is the alarm
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': service })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}app-package'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'node', version: '22' }
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 1 }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      appSettings: concat(settings, platformSettings)
    }
  }
}

resource noBasicLogin 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = [for kind in ['ftp', 'scm']: {
  parent: app
  name: kind
  properties: { allow: false }
}]

// Sign-in by the platform. It does not look at app roles: the app does (functions/http/principal.ts).
resource signIn 'Microsoft.Web/sites/config@2025-03-01' = if (!empty(authClientId)) {
  // checkov:skip=CKV_AZURE_66: authsettingsV2 is no site configuration; the check looks for another resource
  // checkov:skip=CKV_AZURE_63: authsettingsV2 is no site configuration; the check looks for another resource
  // checkov:skip=CKV_AZURE_222: authsettingsV2 is no site configuration; the check looks for another resource
  // checkov:skip=CKV_AZURE_80: authsettingsV2 is no site configuration; the check looks for another resource
  // checkov:skip=CKV_AZURE_13: authsettingsV2 is no site configuration; the check looks for another resource
  // checkov:skip=CKV_AZURE_88: authsettingsV2 is no site configuration; the check looks for another resource
  // checkov:skip=CKV_AZURE_65: authsettingsV2 is no site configuration; the check looks for another resource
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      excludedPaths: ['/api/health']
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: authClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: [authClientId, 'api://${authClientId}'] }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'kvb'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output url string = 'https://${app.properties.defaultHostName}/api'
