// Alarms: over the service's events, over their absence, over the vaults' audit logs and the backup account's. What
// each means, and what to do: docs/operations.md. The queries lie beside, and the tests parse each of them.

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Makes the names unique.')
param token string

@description('Workspace that the logs are in.')
param workspaceId string

@description('Mailboxes.')
param emails array

@description('Object ids that may back up and restore in the watched vaults.')
param knownObjectIds array

@description('The backup account.')
param backupAccountName string

var eventQuery = loadTextContent('../alarms/event.kql')
var eventAlarms = map(any(loadJsonContent('../alarms/events.json')), alarm => {
  name: alarm.name
  about: alarm.about
  severity: alarm.severity
  window: 'PT15M'
  every: 'PT5M'
  query: replace(
    replace(eventQuery, '__EVENTS__', join(map(alarm.events, event => '\'${event}\''), ', ')),
    '__FIELDS__',
    join(map(alarm.fields, field => ', ${field} = tostring(E.${field})'), '')
  )
})

var texts = {
  'app-silent': loadTextContent('../alarms/app-silent.kql')
  'run-stalled': loadTextContent('../alarms/run-stalled.kql')
  'vault-troubled': loadTextContent('../alarms/vault-troubled.kql')
  'vault-audit': loadTextContent('../alarms/vault-audit.kql')
  'storage-audit': loadTextContent('../alarms/storage-audit.kql')
  'policy-audit': loadTextContent('../alarms/policy-audit.kql')
}
var known = join(map(knownObjectIds, id => '\'${id}\''), ', ')
var queryAlarms = map(any(loadJsonContent('../alarms/queries.json')), alarm => {
  name: alarm.name
  about: alarm.about
  severity: alarm.severity
  window: alarm.window
  every: alarm.every
  query: replace(replace(texts[alarm.name], '__KNOWN__', known), '__ACCOUNT__', backupAccountName)
})

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-kvb-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'kvbackup'
    emailReceivers: map(emails, email => { name: email, emailAddress: email, useCommonAlertSchema: true })
  }
}

// A table exists once its first line arrives: hence no validation when the rules are made.
resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alarm in concat(eventAlarms, queryAlarms): {
  name: 'kvb-${alarm.name}-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Key Vault backup: ${alarm.name}'
    description: alarm.about
    severity: alarm.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: alarm.every
    windowSize: alarm.window
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: alarm.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [group.id] }
  }
}]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, 'keyvault-backup')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Key Vault backups'
    category: 'workbook'
    version: '1.0'
    sourceId: workspaceId
    serializedData: loadTextContent('../workbook.json')
  }
}
