/** What the infrastructure writes for the apps, and what the apps read: one cannot change without the other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../shared/config.ts';
import { settingsSchema } from '../../shared/settings.ts';
import { every, fileNamed, root, valueOf } from './bicep.ts';

/** Read by the host or the platform, not by shared/config.ts. */
const platforms = [
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
];
/** Read by shared/config.ts, and not written: by whom, or why not. */
const notWritten: Readonly<Record<string, string>> = {
  BACKUP_PLANS: 'the plans are a file of the package',
  AzureWebJobsStorage: 'a connection string holds a key; the identity has none',
  BackupStorage: 'the same',
  VAULT_TIMEOUT_SECONDS: 'its default is right for a vault',
  STORAGE_TIMEOUT_SECONDS: 'its default is right for storage',
  MESSAGE_LEASE_SECONDS: 'a fact of the platform, shortened by tests only',
  RESOURCE_MANAGER_URL: 'its default is right for the cloud',
  WEBSITE_AUTH_ENABLED: 'set by the platform, where its sign-in is on',
};

const main = fileNamed('main.bicep');
const namesIn = (list: string): string[] =>
  [...list.matchAll(/\{ name: '(\w+)', value: /g)].map(([, name = '']) => name);
const platformSettings = namesIn(valueOf(fileNamed('modules/functionApp.bicep'), 'platformSettings').text);
function settingsOf(app: string): string[] {
  const call = every(main.tree, 'module_declaration').find((one) => one.children[1]?.text === app);
  if (!call) throw new Error(`main.bicep has no module ${app}`);
  const found = every(call, 'object_property').find((one) => one.children[0]?.text === 'settings');
  return namesIn(found?.text ?? '');
}
const [backup, restore, portable] = ['backupApp', 'restoreApp', 'portableApp'].map(settingsOf) as [
  string[],
  string[],
  string[],
];

test('every setting that is written is read, and every setting is written or left out for a reason', () => {
  const written = new Set([...backup, ...restore, ...portable, ...platformSettings]);
  const readByTheApps = Object.keys(settingsSchema.shape);
  expect([...written].filter((name) => !readByTheApps.includes(name)).toSorted()).toEqual(
    platforms.toSorted(),
  );
  expect(readByTheApps.filter((name) => !written.has(name)).toSorted()).toEqual(
    Object.keys(notWritten).toSorted(),
  );
});

test('what is written is enough: each app starts with it, and its plans and targets parse', () => {
  const values: Record<string, string> = {
    AzureWebJobsStorage__blobServiceUri: 'https://host.blob.core.windows.net/',
    AzureWebJobsStorage__queueServiceUri: 'https://host.queue.core.windows.net/',
    BackupStorage__blobServiceUri: 'https://backups.blob.core.windows.net/',
    BACKUP_STORAGE_RESOURCE_ID:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/backups',
    API_AUTH: 'entra',
    AZURE_CLOUD: 'public',
    BACKUP_PLANS_FILE: 'plans.json',
    RESTORE_TARGETS: readFileSync(path.join(root, 'restore-targets.json'), 'utf8'),
  };
  const readFile = (file: string) => readFileSync(path.join(root, file), 'utf8');
  const given = (names: readonly string[], role: string) =>
    Object.fromEntries(
      [...names, ...platformSettings].map((name) => [name, name === 'APP_ROLE' ? role : values[name]]),
    );
  const backupConfig = parseConfig(given(backup, 'backup'), readFile);
  const restoreConfig = parseConfig(given(restore, 'restore'), readFile);
  expect(backupConfig.plans.map(({ name }) => name)).toEqual(['payments']);
  expect(parseConfig(given(portable, 'portable'), readFile).role).toBe('portable');
  expect([...restoreConfig.restoreTargets.keys()]).toEqual(['contoso-payments']);
});

test('the retention of the policy and of the app is one parameter', () => {
  expect(main.text).toContain('backupsDays: retentionDays + fullEveryDays + 1');
  expect(main.text).toContain("{ name: 'RETENTION_DAYS', value: string(retentionDays) }");
  expect(main.text).toContain("{ name: 'FULL_EVERY_DAYS', value: string(fullEveryDays) }");
});
