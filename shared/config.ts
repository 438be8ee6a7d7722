/**
 * All settings, parsed once; the only reader of process.env. Every problem is reported at once, each with the
 * setting's name and what to write instead. Connection strings redact themselves when printed.
 */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { drillProblems } from './domain/drillSettings.ts';
import { type Plan, parsePlans } from './domain/plans.ts';
import { keyIdShape } from './domain/portablePlan.ts';
import { parseRestoreTargets, type RestoreTargets } from './domain/restoreTargets.ts';
import { type StorageResource, storageResourceOf } from './domain/retention.ts';
import { Secret } from './domain/secretString.ts';
import type { StorageAddress } from './domain/storageAddress.ts';
import type { Cloud } from './domain/vaultUrl.ts';
import { settingsSchema } from './settings.ts';

export interface Config {
  readonly role: 'backup' | 'restore' | 'portable' | 'all';
  readonly apiAuth: 'entra' | 'key';
  /** True only where the platform's own authentication is on; else the principal header is anybody's. */
  readonly platformAuthEnabled: boolean;
  readonly plans: readonly Plan[];
  readonly restoreTargets: RestoreTargets;
  /** Key ids without version, which the restore app may ask to unwrap. */
  readonly recipientKeys: readonly string[];
  /** How many queue functions share the vaults. */
  readonly shards: number;
  readonly retentionDays: number;
  readonly fullEveryDays: number;
  /** Every blob that a point names is read whole at least once in as many days. */
  readonly verifyEveryDays: number;
  readonly requireImmutableStorage: boolean;
  readonly vaultTimeoutMs: number;
  readonly storageTimeoutMs: number;
  readonly messageLeaseMs: number;
  readonly hostStorage: StorageAddress;
  readonly backupStorage: StorageAddress;
  /** Where the control plane knows it; null: its policy is not looked at. */
  readonly backupStorageResource: StorageResource | null;
  readonly cloud: Cloud;
  /** Null: where the cloud has it. */
  readonly resourceManagerUrl: string | null;
  readonly managedIdentityClientId: string | null;
}

export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The settings have ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n- ${problems.join('\n- ')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;
export const readEnvironment = (): Environment => process.env;

/** Parses the settings or throws one ConfigError with everything that is wrong. */
export function parseConfig(env: Environment, readFile: (path: string) => string = readPlansFile): Config {
  const problems: string[] = [];
  const known = Object.fromEntries(
    Object.keys(settingsSchema.shape).map((key) => [key, env[key] || undefined]),
  );
  const parsed = settingsSchema.safeParse(known);
  for (const issue of parsed.error?.issues ?? []) {
    const name = issue.path.join('.');
    problems.push(issue.message.startsWith(name) ? issue.message : `${name}: ${issue.message}`);
  }
  const settings = known as z.input<typeof settingsSchema>;
  const cloud = parsed.data?.AZURE_CLOUD ?? 'public';
  const plans = plansOf(settings, readFile, cloud, problems);
  const hostStorage = addressOf(settings, 'AzureWebJobsStorage', problems);
  const backupStorage = addressOf(settings, 'BackupStorage', problems);
  const restoreTargets = targetsOf(settings, cloud, parsed.data?.APP_ROLE, problems);
  const recipientKeys = recipientKeysOf(settings.RECIPIENT_KEYS, problems);
  problems.push(...drillProblems(plans, restoreTargets, parsed.data?.APP_ROLE ?? 'all'));
  if (!parsed.success || !hostStorage || !backupStorage || problems.length > 0)
    throw new ConfigError(problems);
  const s = parsed.data;
  return {
    role: s.APP_ROLE,
    apiAuth: s.API_AUTH,
    platformAuthEnabled: s.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true',
    plans,
    restoreTargets,
    recipientKeys,
    shards: s.BACKUP_SHARDS,
    retentionDays: s.RETENTION_DAYS,
    fullEveryDays: s.FULL_EVERY_DAYS,
    verifyEveryDays: s.VERIFY_EVERY_DAYS,
    requireImmutableStorage: s.REQUIRE_IMMUTABLE_STORAGE === 'true',
    vaultTimeoutMs: s.VAULT_TIMEOUT_SECONDS * 1000,
    storageTimeoutMs: s.STORAGE_TIMEOUT_SECONDS * 1000,
    messageLeaseMs: s.MESSAGE_LEASE_SECONDS * 1000,
    hostStorage,
    backupStorage,
    backupStorageResource: s.BACKUP_STORAGE_RESOURCE_ID
      ? storageResourceOf(s.BACKUP_STORAGE_RESOURCE_ID)
      : null,
    cloud,
    resourceManagerUrl: s.RESOURCE_MANAGER_URL ?? null,
    managedIdentityClientId: s.AZURE_CLIENT_ID ?? null,
  };
}

const readPlansFile = (path: string) => readFileSync(path, 'utf8');

function plansOf(
  settings: z.input<typeof settingsSchema>,
  readFile: (path: string) => string,
  cloud: Cloud,
  problems: string[],
): readonly Plan[] {
  const { BACKUP_PLANS: inline, BACKUP_PLANS_FILE: file } = settings;
  if (inline && file) {
    problems.push('BACKUP_PLANS and BACKUP_PLANS_FILE are both set: keep one of them');
    return [];
  }
  // The restore app needs no plan: it works from the container alone.
  if (!inline && !file && settings.APP_ROLE === 'restore') return [];
  if (!inline && !file) {
    problems.push('BACKUP_PLANS: write the plans as a JSON array, or name a JSON file in BACKUP_PLANS_FILE');
    return [];
  }
  let text = inline ?? '';
  if (file) {
    try {
      text = readFile(file);
    } catch (error) {
      problems.push(
        `BACKUP_PLANS_FILE: ${file} cannot be read (${error instanceof Error ? error.message : String(error)})`,
      );
      return [];
    }
  }
  const result = parsePlans(text, file ? 'BACKUP_PLANS_FILE' : 'BACKUP_PLANS', cloud);
  problems.push(...result.problems);
  return result.plans;
}

function targetsOf(
  { RESTORE_TARGETS: text }: z.input<typeof settingsSchema>,
  cloud: Cloud,
  role: string | undefined,
  problems: string[],
): RestoreTargets {
  if (!text) {
    if (role === 'restore')
      problems.push('RESTORE_TARGETS: write {"source": ["target"]}: which vault may be restored into which');
    return new Map();
  }
  const { targets, problems: found } = parseRestoreTargets(text, cloud);
  problems.push(...found);
  return targets;
}

function recipientKeysOf(text: string | undefined, problems: string[]): string[] {
  const ids = (text ?? '').split(',').map((id) => id.trim());
  const found = ids.filter((id) => id !== '');
  if (found.some((id) => !keyIdShape.test(id) || id.split('/').length > 5))
    problems.push(
      'RECIPIENT_KEYS: write ids of Key Vault keys without version, separated by commas, such as https://recovery.vault.azure.net/keys/portable',
    );
  return found;
}

function addressOf(
  settings: z.input<typeof settingsSchema>,
  name: 'AzureWebJobsStorage' | 'BackupStorage',
  problems: string[],
): StorageAddress | null {
  const connectionString = settings[name];
  if (connectionString) return { connectionString: new Secret(connectionString) };
  const blobServiceUri = settings[`${name}__blobServiceUri`];
  const queueServiceUri =
    name === 'AzureWebJobsStorage' ? (settings.AzureWebJobsStorage__queueServiceUri ?? null) : null;
  if (blobServiceUri && (name === 'BackupStorage' || queueServiceUri))
    return { blobServiceUri, queueServiceUri };
  problems.push(
    name === 'BackupStorage'
      ? 'BackupStorage: write a connection string, or set BackupStorage__blobServiceUri to the account’s blob address'
      : 'AzureWebJobsStorage: write a connection string, or set AzureWebJobsStorage__blobServiceUri and AzureWebJobsStorage__queueServiceUri',
  );
  return null;
}
