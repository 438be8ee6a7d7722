// What each identity may do, and not one action more. The tests grant the emulator's identities what stands here, and
// compare it with the calls that the apps make. Assigned per vault and per container; never wider.
targetScope = 'subscription'

@description('Subscriptions that the roles can be assigned in.')
param assignableScopes array

@description('Keeps the names of two installations in one tenant apart.')
param nameSuffix string

var vaults = 'Microsoft.KeyVault/vaults'
var containers = 'Microsoft.Storage/storageAccounts/blobServices/containers'

// On a source vault: lists, key attributes and Key Vault's own backup. No value can be read, nothing changed.
var sourceActions = [
  '${vaults}/secrets/readMetadata/action'
  '${vaults}/secrets/backup/action'
  '${vaults}/keys/read'
  '${vaults}/keys/backup/action'
  '${vaults}/keyrotationpolicies/read'
  '${vaults}/certificates/read'
  '${vaults}/certificates/backup/action'
]

// On a source vault of a plan with `portable`, for the portable app alone: it reads what Key Vault lets out.
var portableActions = [
  '${vaults}/secrets/readMetadata/action'
  '${vaults}/secrets/getSecret/action'
  '${vaults}/keys/read'
  '${vaults}/certificates/read'
]

// On a target vault: what a restore needs to find out what is there, add, and verify.
var targetActions = [
  '${vaults}/secrets/readMetadata/action'
  '${vaults}/secrets/restore/action'
  '${vaults}/keys/read'
  '${vaults}/keys/restore/action'
  '${vaults}/keyrotationpolicies/read'
  '${vaults}/keyrotationpolicies/write'
  '${vaults}/certificates/read'
  '${vaults}/certificates/restore/action'
]

// Besides, only on a target with allowReplace: to recover what is soft-deleted, and to make live objects give way.
var replaceActions = [
  '${vaults}/secrets/backup/action'
  '${vaults}/secrets/delete'
  '${vaults}/secrets/recover/action'
  '${vaults}/secrets/purge/action'
  '${vaults}/keys/backup/action'
  '${vaults}/keys/delete'
  '${vaults}/keys/recover/action'
  '${vaults}/keys/purge/action'
  '${vaults}/certificates/backup/action'
  '${vaults}/certificates/delete'
  '${vaults}/certificates/recover/action'
  '${vaults}/certificates/purge/action'
]

// Besides, only on a scratch vault with drill: what a drill restored is removed again.
var drillActions = [
  '${vaults}/secrets/delete'
  '${vaults}/secrets/purge/action'
  '${vaults}/keys/delete'
  '${vaults}/keys/purge/action'
  '${vaults}/certificates/delete'
  '${vaults}/certificates/purge/action'
]

// Besides, only on a target with portable: what a portable copy brings is made anew.
var copiesActions = [
  '${vaults}/secrets/setSecret/action'
  '${vaults}/certificates/import/action'
  '${vaults}/certificatecas/read'
]

// On the vault of a recipient's key: its public part for the portable app, which encrypts; to unwrap for the restore app.
var recipientActions = [
  '${vaults}/keys/read'
]
var unwrapActions = [
  '${vaults}/keys/unwrap/action'
]

// On sources and targets, where the installation wants it: the vault's own settings, which nothing can be changed with.
var configurationControl = [
  '${vaults}/read'
  'Microsoft.Authorization/roleAssignments/read'
  'Microsoft.Insights/diagnosticSettings/read'
]
var configurationActions = [
  '${vaults}/certificatecas/read'
]

// On a WORM container: create what is not there (add, never write) and read.
var writerActions = ['${containers}/blobs/add/action', '${containers}/blobs/read']

// On `backups` for the backup app: whether it is immutable, and for how long.
var policyControl = ['${containers}/read', '${containers}/immutabilityPolicies/read']

// On `backups` for the restore and the portable app, whose health checks say whether it is immutable.
var readerActions = ['${containers}/blobs/read']
var readerControl = ['${containers}/read']

var definitions = [
  { key: 'source', about: 'Back up the objects of a vault, without reading a value.', control: [], data: sourceActions }
  { key: 'target', about: 'Restore objects into a vault, and verify them.', control: [], data: targetActions }
  { key: 'replace', about: 'Recover, and let live objects give way to restored ones.', control: [], data: replaceActions }
  { key: 'drill', about: 'Remove what a restore drill brought.', control: [], data: drillActions }
  { key: 'writer', about: 'Create and read blobs; never overwrite or delete.', control: [], data: writerActions }
  { key: 'reader', about: 'Read blobs.', control: readerControl, data: readerActions }
  { key: 'policy', about: 'Read whether blobs are immutable, and for how long.', control: policyControl, data: [] }
  { key: 'portable', about: 'Read the values that portable copies hold.', control: [], data: portableActions }
  { key: 'copies', about: 'Make secrets and certificates anew from portable copies.', control: [], data: copiesActions }
  { key: 'recipient', about: 'Read the public key that portable copies are encrypted to.', control: [], data: recipientActions }
  { key: 'unwrap', about: 'Unwrap the content keys of portable copies.', control: [], data: unwrapActions }
  { key: 'configuration', about: 'Read the settings of a vault itself.', control: configurationControl, data: configurationActions }
]

resource roles 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [for role in definitions: {
  name: guid(subscription().id, nameSuffix, role.key)
  properties: {
    roleName: 'Key Vault backup ${role.key} (${nameSuffix})'
    description: role.about
    type: 'CustomRole'
    assignableScopes: assignableScopes
    permissions: [{ actions: role.control, notActions: [], dataActions: role.data, notDataActions: [] }]
  }
}]

// Names rather than ids: a vault of another subscription is assigned the same definition under that subscription's path.
output sourceRoleName string = roles[0].name
output targetRoleName string = roles[1].name
output replaceRoleName string = roles[2].name
output drillRoleName string = roles[3].name
output writerRoleName string = roles[4].name
output readerRoleName string = roles[5].name
output policyRoleName string = roles[6].name
output portableRoleName string = roles[7].name
output copiesRoleName string = roles[8].name
output recipientRoleName string = roles[9].name
output unwrapRoleName string = roles[10].name
output configurationRoleName string = roles[11].name
