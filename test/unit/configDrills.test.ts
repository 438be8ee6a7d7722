/** Where drills may delete is said twice, and a vault that is backed up is never a scratch vault. */
import { describe, expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../shared/config.ts';

const plan = (drill: object | undefined, vaults: unknown[] = ['contoso']) => ({
  name: 'payments',
  schedule: '0 0 2 * * *',
  vaults,
  justification: 'a test of the settings',
  drill,
});
const drill = { schedule: '0 0 4 * * 0', target: 'scratch' };
const marked = { contoso: ['contoso-dr', { name: 'scratch', drill: true }] };

function problems(plans: object[], targets: object | null, role = 'restore'): readonly string[] {
  try {
    parseConfig({
      APP_ROLE: role,
      API_AUTH: 'key',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      BackupStorage: 'UseDevelopmentStorage=true',
      BACKUP_PLANS: JSON.stringify(plans),
      ...(targets ? { RESTORE_TARGETS: JSON.stringify(targets) } : {}),
    });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('a drill is accepted', () => {
  test.each<[string, object | null]>([
    ['restore', marked],
    ['all', marked],
    ['backup', null],
  ])('by the app %s', (role, targets) => {
    expect(problems([plan(drill)], targets, role)).toEqual([]);
  });
});

describe('a drill is refused, by the field’s name', () => {
  test.each<[string, object, object | null, string, RegExp]>([
    [
      'whose target is not marked',
      drill,
      { contoso: ['scratch'] },
      'restore',
      /"payments"\.drill\.target: RESTORE_TARGETS must list \{"name": "scratch", "drill": true\} under "contoso"/,
    ],
    [
      'whose target is marked for another source',
      drill,
      { other: [{ name: 'scratch', drill: true }] },
      'restore',
      /under "contoso"/,
    ],
    [
      'into a vault that is backed up',
      { ...drill, target: 'Contoso' },
      null,
      'backup',
      /drill\.target: Contoso is a vault that a plan backs up/,
    ],
    [
      'with a wrong schedule',
      { ...drill, schedule: '0 4 * * 0' },
      marked,
      'restore',
      /drill\.schedule: "0 4 \* \* 0"/,
    ],
    ['with no sample', { ...drill, sample: 0 }, marked, 'restore', /drill\.sample/],
    ['with too large a sample', { ...drill, sample: 201 }, marked, 'restore', /drill\.sample/],
    [
      'with a canary that is no pattern',
      { ...drill, canaries: ['['] },
      marked,
      'restore',
      /drill\.canaries\[0\]/,
    ],
    ['with a field nobody knows', { ...drill, vault: 'x' }, marked, 'restore', /drill/],
  ])('%s', (_what, wanted, targets, role, message) => {
    expect(problems([plan(wanted)], targets, role)).toEqual([expect.stringMatching(message)]);
  });

  test.each([
    ['by name', ['contoso', 'scratch']],
    ['by address', [{ name: 'contoso', url: 'https://scratch.vault.azure.net' }]],
  ])('where a marked target is a vault that is backed up, %s', (_how, vaults) => {
    const targets = { contoso: [{ name: 'scratch', drill: true }] };
    expect(problems([plan(undefined, vaults)], targets).join()).toMatch(
      /RESTORE_TARGETS: scratch is marked "drill": true, but a plan backs it up/,
    );
  });
});
