/** Settings: parsed once, everything that is wrong said at once, nothing secret printed. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigError, type Environment, parseConfig } from '../../shared/config.ts';

const plan = {
  name: 'payments',
  schedule: '0 0 2 * * *',
  vaults: ['contoso'],
  justification: 'PCI DSS 3.6: key custody outside the tenant',
};
const plans = (...fields: Record<string, unknown>[]) =>
  JSON.stringify(fields.map((some) => ({ ...plan, ...some })));
const good: Environment = {
  BACKUP_PLANS: plans({}),
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  BackupStorage: 'AccountName=a;AccountKey=very-secret',
};
const noFile = (path: string): string => {
  throw new Error(`ENOENT: ${path}`);
};
const parse = (env: Environment, readFile = noFile) => parseConfig({ ...good, ...env }, readFile);
function problemsOf(env: Environment, readFile = noFile): readonly string[] {
  try {
    parse(env, readFile);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('defaults', () => {
  test('the least that can be set gives a whole configuration', () => {
    expect(parse({})).toMatchObject({
      role: 'all',
      apiAuth: 'entra',
      platformAuthEnabled: false,
      plans: [{ name: 'payments', vaults: [{ name: 'contoso', url: 'https://contoso.vault.azure.net' }] }],
      restoreTargets: new Map(),
      retentionDays: 90,
      fullEveryDays: 7,
      requireImmutableStorage: false,
      vaultTimeoutMs: 60_000,
      storageTimeoutMs: 120_000,
      messageLeaseMs: 600_000,
      managedIdentityClientId: null,
    });
  });

  test('an empty setting counts as not set', () => {
    const empty = { APP_ROLE: '', RETENTION_DAYS: '', AZURE_CLIENT_ID: '', BACKUP_PLANS_FILE: '' };
    expect(parse(empty)).toMatchObject({ role: 'all', retentionDays: 90, managedIdentityClientId: null });
  });

  test('settings of others are none of ours', () => {
    expect(problemsOf({ FUNCTIONS_WORKER_RUNTIME: 'node', PATH: '/bin' })).toEqual([]);
  });
});

describe('what is set', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['APP_ROLE', 'portable', { role: 'portable' }],
    ['API_AUTH', 'key', { apiAuth: 'key' }],
    ['RETENTION_DAYS', '3650', { retentionDays: 3650 }],
    ['FULL_EVERY_DAYS', '1', { fullEveryDays: 1 }],
    ['REQUIRE_IMMUTABLE_STORAGE', 'true', { requireImmutableStorage: true }],
    ['REQUIRE_IMMUTABLE_STORAGE', 'false', { requireImmutableStorage: false }],
    ['VAULT_TIMEOUT_SECONDS', '5', { vaultTimeoutMs: 5_000 }],
    ['STORAGE_TIMEOUT_SECONDS', '5', { storageTimeoutMs: 5_000 }],
    ['MESSAGE_LEASE_SECONDS', '30', { messageLeaseMs: 30_000 }],
    ['AZURE_CLIENT_ID', 'c-1', { managedIdentityClientId: 'c-1' }],
    ['WEBSITE_AUTH_ENABLED', 'True', { platformAuthEnabled: true }],
    ['WEBSITE_AUTH_ENABLED', 'False', { platformAuthEnabled: false }],
    ['WEBSITE_AUTH_ENABLED', '1', { platformAuthEnabled: false }],
  ])('%s=%s', (name, value, expected) => {
    expect(parse({ [name]: value })).toMatchObject(expected);
  });

  test.each([
    ['china', 'https://contoso.vault.azure.cn'],
    ['usgovernment', 'https://contoso.vault.usgovcloudapi.net'],
  ])('in the sovereign cloud %s vaults are at %s', (cloud, url) => {
    expect(parse({ AZURE_CLOUD: cloud }).plans[0]?.vaults[0]?.url).toBe(url);
  });

  test('storage by address and identity', () => {
    const config = parse({
      AzureWebJobsStorage: undefined,
      BackupStorage: undefined,
      AzureWebJobsStorage__blobServiceUri: 'https://h.blob.core.windows.net',
      AzureWebJobsStorage__queueServiceUri: 'https://h.queue.core.windows.net',
      BackupStorage__blobServiceUri: 'https://b.blob.core.windows.net',
    });
    expect([config.hostStorage, config.backupStorage]).toEqual([
      {
        blobServiceUri: 'https://h.blob.core.windows.net',
        queueServiceUri: 'https://h.queue.core.windows.net',
      },
      { blobServiceUri: 'https://b.blob.core.windows.net', queueServiceUri: null },
    ]);
  });

  test('plans from a file', () => {
    const env = { BACKUP_PLANS: undefined, BACKUP_PLANS_FILE: 'plans.json' };
    const config = parse(env, (path) => (path === 'plans.json' ? plans({ name: 'filed' }) : ''));
    expect(config.plans.map(({ name }) => name)).toEqual(['filed']);
  });

  test('the file system is asked when nobody says otherwise', () => {
    const missing = '/nowhere/keyvault-backup-plans.json';
    const env = { ...good, BACKUP_PLANS: undefined, BACKUP_PLANS_FILE: missing };
    expect(() => parseConfig(env)).toThrow(/BACKUP_PLANS_FILE: .*plans\.json cannot be read \(ENOENT/);
  });
});

describe('connection strings do not print', () => {
  test.each<[string, (value: unknown) => string]>([
    ['JSON', (value) => JSON.stringify(value)],
    ['inspect', (value) => inspect(value, { depth: 9 })],
    ['text', (value) => String(value)],
  ])('%s', (_how, print) => {
    const { backupStorage } = parse({});
    expect(print({ backupStorage })).not.toContain('very-secret');
    if (!('connectionString' in backupStorage)) throw new Error('expected a connection string');
    expect(print(backupStorage.connectionString)).toContain('[redacted]');
    expect(backupStorage.connectionString.reveal()).toBe(good['BackupStorage']);
  });

  test('nor in what a ConfigError says', () => {
    const said = problemsOf({ APP_ROLE: 'x', AzureWebJobsStorage: 'AccountKey=also-secret' }).join();
    expect(said).not.toMatch(/very-secret|also-secret/);
  });
});

describe('what is wrong is named with what to write', () => {
  test.each<[string, Environment, string]>([
    ['an unknown role', { APP_ROLE: 'boss' }, 'APP_ROLE: write one of backup, restore, portable, all'],
    ['an unknown sign-in', { API_AUTH: 'none' }, 'API_AUTH: write one of entra, key'],
    ['an unknown cloud', { AZURE_CLOUD: 'germany' }, 'AZURE_CLOUD: write one of public, china, usgovernment'],
    [
      'yes for true',
      { REQUIRE_IMMUTABLE_STORAGE: 'yes' },
      'REQUIRE_IMMUTABLE_STORAGE: write one of true, false',
    ],
    ['no days', { RETENTION_DAYS: '0' }, 'RETENTION_DAYS: write a whole number from 1 to 3650'],
    ['too many days', { RETENTION_DAYS: '3651' }, 'RETENTION_DAYS: write a whole number from 1 to 3650'],
    ['half a day', { FULL_EVERY_DAYS: '0.5' }, 'FULL_EVERY_DAYS: write a whole number from 1 to 365'],
    [
      'a negative time',
      { VAULT_TIMEOUT_SECONDS: '-1' },
      'VAULT_TIMEOUT_SECONDS: write a whole number from 1 to 300',
    ],
    [
      'a lease in words',
      { MESSAGE_LEASE_SECONDS: 'ten' },
      'MESSAGE_LEASE_SECONDS: write a whole number from 1 to 3600',
    ],
    [
      'no backup storage',
      { BackupStorage: undefined },
      'BackupStorage: write a connection string, or set BackupStorage__blobServiceUri',
    ],
    [
      'no host storage',
      { AzureWebJobsStorage: undefined },
      'AzureWebJobsStorage: write a connection string, or set',
    ],
    [
      'host storage without queues',
      { AzureWebJobsStorage: undefined, AzureWebJobsStorage__blobServiceUri: 'https://h' },
      'AzureWebJobsStorage: write a connection string, or set',
    ],
    [
      'an address that is none',
      { BackupStorage__blobServiceUri: 'account' },
      'BackupStorage__blobServiceUri: write a URL',
    ],
    ['no plans', { BACKUP_PLANS: undefined }, 'BACKUP_PLANS: write the plans as a JSON array'],
    [
      'plans twice',
      { BACKUP_PLANS_FILE: 'plans.json' },
      'BACKUP_PLANS and BACKUP_PLANS_FILE are both set: keep one',
    ],
    ['plans that are no JSON', { BACKUP_PLANS: '[{' }, 'BACKUP_PLANS: is not valid JSON'],
    [
      'a plans file that cannot be read',
      { BACKUP_PLANS: undefined, BACKUP_PLANS_FILE: 'gone.json' },
      'BACKUP_PLANS_FILE: gone.json cannot be read (ENOENT',
    ],
    [
      'two plans with one vault',
      { BACKUP_PLANS: plans({}, { name: 'more' }) },
      'BACKUP_PLANS: vault "contoso" is in plan "payments" and again in "more"',
    ],
    ['an unknown key', { BACKUP_PLANS: plans({ shedule: 'x' }) }, 'BACKUP_PLANS[0].shedule: is not known'],
    [
      'no justification',
      { BACKUP_PLANS: plans({ justification: undefined }) },
      'BACKUP_PLANS[0].justification: write why',
    ],
    [
      'a bad schedule',
      { BACKUP_PLANS: plans({ schedule: '0 2 * * *' }) },
      'BACKUP_PLANS[0].schedule: "0 2 * * *" has 5 fields',
    ],
  ])('%s', (_what, env, said) => {
    expect(problemsOf(env)).toEqual([expect.stringContaining(said)]);
  });

  test('a bad file is named as the file', () => {
    const env = { BACKUP_PLANS: undefined, BACKUP_PLANS_FILE: 'plans.json' };
    expect(problemsOf(env, () => 'no json')[0]).toMatch(/^BACKUP_PLANS_FILE: is not valid JSON/);
    expect(problemsOf(env, () => plans({ vaults: [] }))[0]).toMatch(/^BACKUP_PLANS_FILE\[0\]\.vaults: /);
  });

  test('everything at once, in one error that counts', () => {
    const env = {
      APP_ROLE: 'boss',
      RETENTION_DAYS: 'many',
      BackupStorage: undefined,
      AzureWebJobsStorage: undefined,
      BACKUP_PLANS: plans({ schedule: '@daily', justification: 'no' }),
    };
    expect(problemsOf(env).map((problem) => problem.split(':')[0])).toEqual([
      'RETENTION_DAYS',
      'APP_ROLE',
      'BACKUP_PLANS[0].justification',
      'BACKUP_PLANS[0].schedule',
      'AzureWebJobsStorage',
      'BackupStorage',
    ]);
    expect(() => parse(env)).toThrow(/^The settings have 6 problems:\n- RETENTION_DAYS: /);
    expect(() => parse({ APP_ROLE: 'boss' })).toThrow(/^The settings have 1 problem:\n/);
  });
});

describe('the environment', () => {
  test('that is handed in is only read', () => {
    expect(parseConfig(Object.freeze({ ...good }), noFile).role).toBe('all');
  });

  test('of the process is neither asked nor changed', () => {
    const before = { ...process.env };
    expect(parse({ AZURE_CLIENT_ID: undefined }).managedIdentityClientId).toBeNull();
    expect(problemsOf({ APP_ROLE: 'boss' })).toHaveLength(1);
    expect({ ...process.env }).toEqual(before);
  });
});
