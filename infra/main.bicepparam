// Values of `azd env set`. What is not named here has its default in main.bicep.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'kvbackup')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param retentionDays = int(readEnvironmentVariable('RETENTION_DAYS', '90'))
param fullEveryDays = int(readEnvironmentVariable('FULL_EVERY_DAYS', '7'))
param retentionLocked = bool(readEnvironmentVariable('RETENTION_LOCKED', 'false'))
param backupShards = int(readEnvironmentVariable('BACKUP_SHARDS', '1'))
param apiAuth = readEnvironmentVariable('API_AUTH', 'entra')
param backupAuthClientId = readEnvironmentVariable('BACKUP_AUTH_CLIENT_ID', '')
param restoreAuthClientId = readEnvironmentVariable('RESTORE_AUTH_CLIENT_ID', '')
param portableAuthClientId = readEnvironmentVariable('PORTABLE_AUTH_CLIENT_ID', '')
param recipientKeys = readEnvironmentVariable('RECIPIENT_KEYS', '')
param privateNetwork = bool(readEnvironmentVariable('PRIVATE_NETWORK', 'true'))
param privateVaults = bool(readEnvironmentVariable('PRIVATE_VAULTS', 'false'))
param vaultConfiguration = bool(readEnvironmentVariable('VAULT_CONFIGURATION', 'true'))
param alarmEmails = split(readEnvironmentVariable('ALARM_EMAILS'), ',')
