/** Every setting has a row; and its commands, done by an `az` that shares no code with them, make the target what the source is. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  certificateIssuer,
  diagnosticSetting,
  keyRotation,
  roleAssignment,
  unreadConfig,
  type VaultConfig,
  type VaultSettings,
  vaultConfig,
  vaultSettings,
} from '../../../shared/domain/vaultConfig.ts';
import { configRows } from '../../../shared/domain/vaultConfigRows.ts';
import { az } from '../../fakes/azCli.ts';
import { configOf, otherConfig } from '../../fakes/vaultConfigs.ts';
import { objectName } from './arbitraries.ts';

const source = configOf('contoso-payments');
const target = otherConfig('contoso-dr');
const rowsThatDiffer = (from: VaultConfig, to: VaultConfig) =>
  configRows(from, to).filter(({ change }) => change === 'differs');

/** What no command can set, and what is not the target's own. */
const byHand = /^(region|tenant|soft delete days|private endpoint .*|rotation policy only-there)$/;

describe('the rows of two configurations', () => {
  test('of one and the same are all the same, but for contacts, which nobody may read', () => {
    const rows = configRows(source, source);
    expect(rows.filter(({ change }) => change !== 'same')).toMatchObject([
      { setting: 'certificate contacts', change: 'unknown', command: null },
    ]);
    expect(rows.every(({ command, removes }) => command === null && !removes)).toBe(true);
  });

  test.each(Object.keys(vaultSettings.shape) as (keyof VaultSettings)[])(
    'tell when %s differs, and what to do',
    (name) => {
      if (!source.settings || !target.settings) throw new Error('both have settings');
      const settings = { ...source.settings, [name]: target.settings[name] };
      const rows = rowsThatDiffer(source, { ...source, settings });
      expect(rows.length).toBeGreaterThan(0);
      for (const { command, byHand } of rows) expect(command ?? byHand).toBeTruthy();
    },
  );

  test.each(['roleAssignments', 'diagnosticSettings', 'issuers', 'rotationPolicies'] as const)(
    'tell when %s differ',
    (part) => {
      const rows = rowsThatDiffer(source, { ...source, [part]: target[part] });
      expect(rows.length).toBeGreaterThan(1);
      for (const { command, byHand } of rows) expect(command ?? byHand).toBeTruthy();
    },
  );

  test('end with purge protection, because it cannot be switched off again', () => {
    const rows = configRows(source, target);
    expect(rows.at(-1)).toMatchObject({ setting: 'purge protection', source: 'on', target: 'off' });
    expect(rows.at(-1)?.command).toMatch(
      /^az keyvault update --name contoso-dr .*--enable-purge-protection true$/,
    );
    expect(configRows(target, source).at(-1)).toMatchObject({
      change: 'differs',
      command: null,
      byHand: 'Purge protection cannot be switched off.',
    });
  });

  test('come with commands that make the target what the source is', () => {
    const after = configRows(source, target).reduce(
      (config, { command }) => (command === null ? config : az(config, command)),
      target,
    );
    const left = rowsThatDiffer(source, after).filter(({ setting }) => !byHand.test(setting));
    expect(left).toEqual([]);
  });

  test('say of a command that takes away what only the target has', () => {
    const removing = configRows(source, target).filter(({ removes }) => removes);
    expect(removing.map(({ setting }) => setting)).toContain('tag only-there');
    expect(
      removing.every(
        ({ source: here, byHand }) => here === null && byHand?.startsWith('Only contoso-dr has it'),
      ),
    ).toBe(true);
  });

  test('of a target that nothing is known of have the commands, and say why nothing is known', () => {
    const unread = unreadConfig(target, 'no right to read it');
    const rows = configRows(source, unread);
    expect(rows.every(({ change, target: there }) => change === 'unknown' && there === null)).toBe(true);
    expect(rows.find(({ setting }) => setting === 'sku')).toMatchObject({
      command: expect.stringContaining('properties.sku.name=premium'),
      byHand: 'Of contoso-dr this is not known: no right to read it',
    });
    expect(rows.find(({ setting }) => setting === 'tag team')?.byHand).toContain('no right to read it');
  });

  test('of a source that nothing is known of propose nothing', () => {
    const rows = configRows(unreadConfig(source, 'no right to read it'), target);
    expect(rows.every(({ change, command }) => change === 'unknown' && command === null)).toBe(true);
    expect(
      rows.every(({ setting, byHand }) => setting === 'certificate contacts' || byHand?.includes('no right')),
    ).toBe(true);
  });

  test('ask for the resource id where a command needs it', () => {
    const rows = configRows(source, { ...target, resourceId: null });
    expect(rows.find(({ setting }) => setting === 'tag team')).toMatchObject({
      command: null,
      byHand: expect.stringContaining('resourceId'),
    });
    expect(rows.find(({ setting }) => setting === 'sku')?.command).toBe(
      'az keyvault update --name contoso-dr --set properties.sku.name=premium',
    );
  });

  test('take ids and names for the same whatever their case', () => {
    const { settings } = source;
    if (!settings) throw new Error('it has settings');
    const shouted = { ...settings, subnets: settings.subnets.map((id) => id.toUpperCase()) };
    expect(rowsThatDiffer(source, { ...source, settings: shouted })).toEqual([]);
  });
});

describe('a command', () => {
  test('gives the shell one word for each value, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), objectName, (value, name) => {
        const with1 = {
          ...source,
          settings: { ...(source.settings as VaultSettings), tags: { [name]: value } },
        };
        const without = { ...target, settings: { ...(target.settings as VaultSettings), tags: {} } };
        const command =
          configRows(with1, without).find(({ setting }) => setting === `tag ${name}`)?.command ?? '';
        expect(az(without, command).settings?.tags).toEqual({ [name]: value });
      }),
    );
  });
});

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

test('what 1.0.0 recorded is read: if not, change the code, never the golden file', () => {
  const golden = JSON.parse(read('test/golden/vault-config-1.0.0.json')) as unknown;
  expect(vaultConfig.parse(golden)).toEqual(configOf('contoso-payments'));
  expect(vaultConfig.safeParse({ ...(golden as object), format: 2 }).success).toBe(false);
});

test('docs/format.md tells every field', () => {
  const [, text = ''] = /## The settings of a vault itself\n([^]*?)\n## /.exec(read('docs/format.md')) ?? [];
  const shapes = [
    vaultConfig,
    vaultSettings,
    diagnosticSetting,
    roleAssignment,
    keyRotation,
    certificateIssuer,
  ];
  const fields = shapes.flatMap(({ shape }) => Object.keys(shape));
  expect(fields.length).toBeGreaterThan(40);
  expect(fields.filter((field) => !text.includes(`\`${field}\``))).toEqual([]);
});
