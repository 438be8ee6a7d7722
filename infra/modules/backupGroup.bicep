// The backup account's own resource group, in its own subscription where one is given, and that subscription's
// activity log in the workspace: attempts to change a retention policy are in there.
targetScope = 'subscription'

@description('Name of the resource group.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Workspace for the activity log.')
param workspaceId string

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: name
  location: location
  tags: tags
}

resource activityLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: name
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'Administrative', enabled: true }
      { category: 'Security', enabled: true }
    ]
  }
}
