/** Plans: what is accepted, and that every mistake is named at once with what to write. */
import { describe, expect, test } from 'vitest';
import { parsePlans } from '../../../shared/domain/plans.ts';
import type { Cloud } from '../../../shared/domain/vaultUrl.ts';

const good = {
  name: 'payments',
  schedule: '0 0 2 * * *',
  vaults: ['contoso-payments'],
  justification: 'PCI DSS 3.6: key custody outside the tenant',
};
const parse = (value: unknown, cloud: Cloud = 'public') =>
  parsePlans(typeof value === 'string' ? value : JSON.stringify(value), 'BACKUP_PLANS', cloud);
const problemsOf = (value: unknown) => parse(value).problems;
const withPlan = (fields: Record<string, unknown>) => problemsOf([{ ...good, ...fields }]);

const vaultsOfAGroup =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.KeyVault/vaults';

describe('a good plan', () => {
  test('gets a tenth of the documented limits, four hours and everything', () => {
    const { plans, problems } = parse([good]);
    expect(problems).toEqual([]);
    expect(plans).toEqual([
      {
        ...good,
        schedule: expect.objectContaining({ text: '0 0 2 * * *' }),
        vaults: [{ name: 'contoso-payments', url: 'https://contoso-payments.vault.azure.net' }],
        requestsPer10Seconds: 400,
        keyRequestsPer10Seconds: 25,
        deadlineMinutes: 240,
        maxDropPercent: 20,
        include: ['**'],
        exclude: [],
        drill: null,
        portable: null,
      },
    ]);
  });

  test.each<[Cloud, string]>([
    ['public', 'https://contoso.vault.azure.net'],
    ['china', 'https://contoso.vault.azure.cn'],
    ['usgovernment', 'https://contoso.vault.usgovcloudapi.net'],
  ])('in the cloud %s a vault’s name becomes %s', (cloud, url) => {
    expect(parse([{ ...good, vaults: ['Contoso'] }], cloud).plans[0]?.vaults).toEqual([
      { name: 'Contoso', url },
    ]);
  });

  test('a vault with an address is called there, without a slash at the end', () => {
    const vaults = [{ name: 'local', url: 'https://localhost:9443/' }];
    expect(parse([{ ...good, vaults }], 'china').plans[0]?.vaults).toEqual([
      { name: 'local', url: 'https://localhost:9443' },
    ]);
  });

  test('keeps what it says about budgets, deadline and selection', () => {
    const said = {
      requestsPer10Seconds: 100,
      keyRequestsPer10Seconds: 5,
      deadlineMinutes: 720,
      include: ['secrets/*'],
      exclude: ['secrets/tmp-*'],
    };
    expect(parse([{ ...good, ...said }]).plans[0]).toMatchObject(said);
  });
});

describe('a mistake is named by setting and path, with what to write', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['no justification', { justification: undefined }, '[0].justification: write why'],
    ['an empty justification', { justification: '             ' }, '[0].justification: write why'],
    ['a word for a justification', { justification: 'because' }, '[0].justification: write why'],
    ['no schedule', { schedule: undefined }, '[0].schedule: write six fields'],
    ['a schedule that is no text', { schedule: 5 }, '[0].schedule: write six fields'],
    ['a bad schedule', { schedule: '0 2 * * *' }, '[0].schedule: "0 2 * * *" has 5 fields; write six'],
    ['no name', { name: undefined }, '[0].name: write a short name'],
    ['a name with a space', { name: 'my plan' }, '[0].name: write a short name'],
    ['no vaults', { vaults: undefined }, '[0].vaults: name at least one vault'],
    ['an empty list of vaults', { vaults: [] }, '[0].vaults: name at least one vault'],
    ['a vault’s name too short', { vaults: ['ab'] }, '[0].vaults[0]: write a vault name'],
    [
      'a vault’s URL for its name',
      { vaults: ['https://x.vault.azure.net'] },
      '[0].vaults[0]: write a vault name',
    ],
    ['a vault that is a number', { vaults: ['good-one', 7] }, '[0].vaults[1]: write a vault name'],
    [
      'a vault without a name',
      { vaults: [{ url: 'https://localhost' }] },
      '[0].vaults[0]: write a vault name',
    ],
    [
      'a resource id that is none',
      { vaults: [{ name: 'local', resourceId: '/subscriptions/x' }] },
      '[0].vaults[0].resourceId: write /subscriptions/',
    ],
    [
      'the resource id of another vault',
      { vaults: [{ name: 'local', resourceId: `${vaultsOfAGroup}/other` }] },
      '[0].vaults[0]: resourceId: ends with the name of another vault',
    ],
    [
      'a vault without TLS',
      { vaults: [{ name: 'local', url: 'http://localhost' }] },
      '[0].vaults[0].url: write an https URL',
    ],
    [
      'no requests',
      { requestsPer10Seconds: 0 },
      '[0].requestsPer10Seconds: Too small: expected number to be >=1',
    ],
    [
      'more than the vault’s limit',
      { requestsPer10Seconds: 4001 },
      '[0].requestsPer10Seconds: Too big: expected number to be <=4000',
    ],
    [
      'requests in words',
      { keyRequestsPer10Seconds: 'few' },
      '[0].keyRequestsPer10Seconds: Invalid input: expected number',
    ],
    [
      'a deadline past twelve hours',
      { deadlineMinutes: 721 },
      '[0].deadlineMinutes: Too big: expected number to be <=720',
    ],
    ['no time at all', { deadlineMinutes: 0 }, '[0].deadlineMinutes: Too small'],
    ['an include of nothing', { include: [] }, '[0].include: Too small'],
    [
      'an include that is no pattern',
      { include: ['db-*'] },
      '[0].include[0]: "db-*" is no pattern: write "**"',
    ],
    [
      'an exclude that is no pattern',
      { exclude: ['**', 'vaults/x'] },
      '[0].exclude[1]: "vaults/x" is no pattern: write "**"',
    ],
    ['an unknown key', { shedule: 'x' }, '[0].shedule: is not known; a plan has name, schedule, vaults'],
  ])('%s', (_what, fields, said) => {
    expect(withPlan(fields)).toEqual([expect.stringContaining(`BACKUP_PLANS${said}`)]);
  });

  test.each<[string, unknown, string]>([
    ['no JSON', '[{', 'BACKUP_PLANS: is not valid JSON'],
    ['no list', good, 'BACKUP_PLANS: Invalid input: expected array'],
    ['an empty list', [], 'BACKUP_PLANS: write at least one plan'],
    ['a plan that is null', [null], 'BACKUP_PLANS[0]: Invalid input: expected object'],
  ])('%s', (_what, value, said) => {
    expect(problemsOf(value)).toEqual([expect.stringContaining(said)]);
  });

  test('two plans of one name, in whatever case', () => {
    expect(problemsOf([good, { ...good, name: 'Payments', vaults: ['other'] }])).toEqual([
      'BACKUP_PLANS: two plans are named "payments"; give each its own name',
    ]);
  });

  test.each([
    [
      'two plans',
      [good, { ...good, name: 'more', vaults: ['other', 'Contoso-Payments'] }],
      'payments',
      'more',
    ],
    [
      'one plan twice',
      [{ ...good, vaults: ['contoso-payments', { name: 'contoso-payments', url: 'https://x' }] }],
      'payments',
      'payments',
    ],
  ])('one vault in %s, in whatever case', (_what, value, first, second) => {
    expect(problemsOf(value)).toEqual([
      `BACKUP_PLANS: vault "contoso-payments" is in plan "${first}" and again in "${second}"; keep it in one`,
    ]);
  });

  test('plans without a name are not taken for two of one name', () => {
    const nameless = { ...good, name: undefined };
    const problems = problemsOf([nameless, { ...nameless, vaults: ['other'] }]);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'BACKUP_PLANS[0].name',
      'BACKUP_PLANS[1].name',
    ]);
  });

  test('everything that is wrong is said at once', () => {
    const bad = { ...good, name: '', schedule: '@daily', vaults: ['a'], typo: 1, justification: 'no' };
    const problems = problemsOf([good, { ...bad, include: ['x'] }]);
    const named = problems.map((problem) => problem.slice(0, problem.indexOf(':')));
    expect(named.toSorted()).toEqual(
      ['include[0]', 'justification', 'name', 'schedule', 'typo', 'vaults[0]'].map(
        (at) => `BACKUP_PLANS[1].${at}`,
      ),
    );
  });
});
