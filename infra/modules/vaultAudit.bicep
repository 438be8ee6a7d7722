// A watched vault's audit log in the workspace: backups and restores by anybody else raise an alarm.

@description('The vault.')
param vaultName string

@description('Name of the setting, so that those of others stay.')
param settingName string

@description('Workspace for the log.')
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: settingName
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}
