/**
 * The settings that the app reads, how each is written, and what it means: docs/settings.md is made of this
 * (`npm run settings`). config.ts parses them.
 */
import { z } from 'zod';
import { storageResourceId } from './domain/retention.ts';
import { mostShards } from './domain/shards.ts';

const wholeNumber = (name: string, from: number, to: number, byDefault: number) =>
  z
    .string()
    .regex(/^\d+$/, `${name}: write a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((n) => n >= from && n <= to, `${name}: write a whole number from ${from} to ${to}`)
    .default(byDefault)
    .meta({ values: `${from} to ${to}` });
const oneOf = <const T extends readonly [string, ...string[]]>(
  name: string,
  values: T,
  byDefault: T[number],
) =>
  z
    .enum(values, `${name}: write one of ${values.join(', ')}`)
    .default(byDefault as z.core.util.NoUndefined<T[number]>)
    .meta({ values: values.map((value) => `\`${value}\``).join(', ') });

const text = z.string().optional();
const serviceUrl = z
  .url('write a URL such as https://account.blob.core.windows.net')
  .optional()
  .meta({ values: 'a URL' });

/** By what they are about, in the order of the document. */
export const settingGroups = {
  'What is backed up, and what may be restored where': {
    BACKUP_PLANS: text.describe(
      'The plans as JSON, see below. Required, or `BACKUP_PLANS_FILE`; the restore app needs neither.',
    ),
    BACKUP_PLANS_FILE: text.describe('The name of a JSON file in the app that holds the plans.'),
    RESTORE_TARGETS: text.describe(
      'Which vault may be restored into which, as JSON, see below. Required by the restore app; nothing else is ever written to.',
    ),
    RECIPIENT_KEYS: text.describe(
      'Ids of Key Vault keys, without version, separated by commas: with these alone the restore app lets vaults unwrap portable copies, whatever a copy says of its recipients.',
    ),
    RETENTION_DAYS: wholeNumber('RETENTION_DAYS', 1, 3650, 90).describe(
      'Recovery points are offered this long. The container’s policy must be at least this plus `FULL_EVERY_DAYS` plus 1.',
    ),
    FULL_EVERY_DAYS: wholeNumber('FULL_EVERY_DAYS', 1, 365, 7).describe(
      'An unchanged object is carried from run to run until its blob is this old, then captured anew. What no listing shows (attributes of old versions, rotation and certificate policies) is thus at most this old.',
    ),
    VERIFY_EVERY_DAYS: wholeNumber('VERIFY_EVERY_DAYS', 1, 365, 30).describe(
      'Every stored blob that a point names is read whole and compared at least once in this many days: new ones on the next day, then a share each day.',
    ),
  },
  Storage: {
    BackupStorage: text.describe(
      'The account with the containers `backups`, `audit` and `safety`, as a connection string. Required, or its address.',
    ),
    BackupStorage__blobServiceUri: serviceUrl.describe(
      'The address of that account’s blob service, for the managed identity.',
    ),
    BACKUP_STORAGE_RESOURCE_ID: text
      .refine(
        (id) => id === undefined || storageResourceId.test(id),
        'write /subscriptions/…/resourceGroups/…/providers/Microsoft.Storage/storageAccounts/…',
      )
      .describe(
        'The Azure resource id of that account. With it, the backup app looks every day whether the retention policy is locked and long enough, and raises `storage.mutable` until it is.',
      ),
    AzureWebJobsStorage: text.describe(
      'The host’s own account, with the queues and the container `state`, as a connection string. Required, or its two addresses. Never the account of the backups: whoever can write a host account owns its app.',
    ),
    AzureWebJobsStorage__blobServiceUri: serviceUrl.describe('The address of its blob service.'),
    AzureWebJobsStorage__queueServiceUri: serviceUrl.describe('The address of its queue service.'),
    REQUIRE_IMMUTABLE_STORAGE: oneOf('REQUIRE_IMMUTABLE_STORAGE', ['true', 'false'], 'false').describe(
      '`true` refuses runs when the container has no immutability policy. `false` runs, and says so in every run, every point and in the health check.',
    ),
  },
  'The app': {
    APP_ROLE: oneOf('APP_ROLE', ['backup', 'restore', 'portable', 'all'], 'all').describe(
      'Which functions register. In production each app has its own role and identity.',
    ),
    API_AUTH: oneOf('API_AUTH', ['entra', 'key'], 'entra').describe(
      '`entra`: app roles `Backup.Read`, `Backup.Run`, `Restore.Execute` from the platform’s sign-in. `key`: function keys.',
    ),
    AZURE_CLIENT_ID: text.describe('The client id of a user-assigned identity.'),
    AZURE_CLOUD: oneOf('AZURE_CLOUD', ['public', 'china', 'usgovernment'], 'public').describe(
      'The domain of the vaults.',
    ),
    RESOURCE_MANAGER_URL: z
      .url({ protocol: /^https$/, error: 'write an https URL such as https://management.azure.com' })
      .optional()
      .meta({ values: 'a URL' })
      .describe(
        'Where Azure Resource Manager is, if not where `AZURE_CLOUD` says. The settings of vaults are read there.',
      ),
    BACKUP_SHARDS: wholeNumber('BACKUP_SHARDS', 1, mostShards, 1).describe(
      'Queue functions that share the vaults, `backup-jobs-0` and so on, each with its `-poison` queue; a vault is always in the same one. On Flex Consumption each has instances of its own: set `maximumInstanceCount` to 1, so that a vault has one limiter ([why](../ARCHITECTURE.md#shards)). May be changed at any time: the watch, every five minutes, moves what still lies in the queues of shards that are gone, so keep those until they are empty. A shard gets its share of the app’s ceiling (10,000 requests per 10 s, 625 for keys).',
    ),
    VAULT_TIMEOUT_SECONDS: wholeNumber('VAULT_TIMEOUT_SECONDS', 1, 300, 60).describe(
      'For one vault call. Many versions can make a backup slow.',
    ),
    STORAGE_TIMEOUT_SECONDS: wholeNumber('STORAGE_TIMEOUT_SECONDS', 1, 300, 120).describe(
      'For one call to storage, repetitions included. Blobs are small; tests shorten it.',
    ),
  },
  'Facts of the platform': {
    WEBSITE_AUTH_ENABLED: text.describe(
      'Set by Azure: `True` where the platform’s sign-in is on. Only then does `entra` believe its headers.',
    ),
    MESSAGE_LEASE_SECONDS: wholeNumber('MESSAGE_LEASE_SECONDS', 1, 3600, 600).describe(
      'How long a dead worker’s message stays invisible. Tests shorten it; leave it alone.',
    ),
  },
};

export const settingsSchema = z.object({
  ...settingGroups['What is backed up, and what may be restored where'],
  ...settingGroups.Storage,
  ...settingGroups['The app'],
  ...settingGroups['Facts of the platform'],
});
