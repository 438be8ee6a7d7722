/** The settings of the restore app: it needs its targets and no plan. */
import { describe, expect, test } from 'vitest';
import { type Environment, parseConfig } from '../../shared/config.ts';

const storage: Environment = {
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  BackupStorage: 'UseDevelopmentStorage=true',
};
const plans = JSON.stringify([
  { name: 'payments', schedule: '0 0 2 * * *', vaults: ['contoso'], justification: 'a test of the settings' },
]);
const targets = '{"Contoso":["contoso-dr"]}';
const parse = (env: Environment) => parseConfig({ ...storage, ...env });

test('the restore app starts with targets and without a plan', () => {
  const config = parse({ APP_ROLE: 'restore', RESTORE_TARGETS: targets });
  expect([config.role, config.plans]).toEqual(['restore', []]);
  expect([...config.restoreTargets]).toMatchObject([
    ['contoso', [{ name: 'contoso-dr', url: 'https://contoso-dr.vault.azure.net', allowReplace: false }]],
  ]);
});

test('plans that it is given all the same are read', () => {
  const config = parse({ APP_ROLE: 'restore', RESTORE_TARGETS: targets, BACKUP_PLANS: plans });
  expect(config.plans.map(({ name }) => name)).toEqual(['payments']);
});

test('targets are in the cloud of the app', () => {
  const config = parse({ AZURE_CLOUD: 'china', RESTORE_TARGETS: targets, BACKUP_PLANS: plans });
  expect(config.restoreTargets.get('contoso')?.[0]?.url).toBe('https://contoso-dr.vault.azure.cn');
});

test.each(['all', 'backup', 'portable'])('the role %s needs no targets', (role) => {
  expect(parse({ APP_ROLE: role, BACKUP_PLANS: plans }).restoreTargets).toEqual(new Map());
});

describe('what is wrong is named with what to write', () => {
  test.each<[string, Environment, string]>([
    [
      'a restore app without targets',
      { APP_ROLE: 'restore' },
      'RESTORE_TARGETS: write {"source": ["target"]}: which vault may be restored into which',
    ],
    [
      'any other app without a plan',
      { APP_ROLE: 'all', RESTORE_TARGETS: targets },
      'BACKUP_PLANS: write the plans as a JSON array',
    ],
    [
      'targets that are no JSON',
      { APP_ROLE: 'restore', RESTORE_TARGETS: '{' },
      'RESTORE_TARGETS: is not valid JSON',
    ],
    [
      'a source without targets',
      { APP_ROLE: 'restore', RESTORE_TARGETS: '{"contoso":[]}' },
      'RESTORE_TARGETS.contoso: name at least one target',
    ],
  ])('%s', (_what, env, said) => {
    expect(() => parse(env)).toThrow(expect.objectContaining({ problems: [expect.stringContaining(said)] }));
  });
});
