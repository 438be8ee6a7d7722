/** infra/ as a whole: it parses, everything declared is used and explained, and every version comes from one list. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bicepFiles, declared, every, fileNamed, keysOf, parseBicep, root, syntaxErrors } from './bicep.ts';

/** One version per resource type, generally available where there is such a one. */
const apiVersions: Readonly<Record<string, string>> = {
  'Microsoft.Authorization/locks': '2020-05-01',
  'Microsoft.Authorization/roleAssignments': '2022-04-01',
  'Microsoft.Authorization/roleDefinitions': '2022-04-01',
  'Microsoft.Insights/actionGroups': '2023-01-01',
  'Microsoft.Insights/components': '2020-02-02',
  'Microsoft.Insights/diagnosticSettings': '2021-05-01-preview',
  'Microsoft.Insights/scheduledQueryRules': '2023-12-01',
  'Microsoft.Insights/workbooks': '2023-06-01',
  'Microsoft.KeyVault/vaults': '2024-11-01',
  'Microsoft.ManagedIdentity/userAssignedIdentities': '2024-11-30',
  'Microsoft.Network/networkSecurityGroups': '2025-05-01',
  'Microsoft.Network/privateDnsZones': '2024-06-01',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': '2024-06-01',
  'Microsoft.Network/privateEndpoints': '2025-05-01',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': '2025-05-01',
  'Microsoft.Network/virtualNetworks': '2025-05-01',
  'Microsoft.OperationalInsights/workspaces': '2025-07-01',
  'Microsoft.Resources/resourceGroups': '2025-04-01',
  'Microsoft.Storage/storageAccounts': '2025-06-01',
  'Microsoft.Storage/storageAccounts/blobServices': '2025-06-01',
  'Microsoft.Storage/storageAccounts/blobServices/containers': '2025-06-01',
  'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies': '2025-06-01',
  'Microsoft.Storage/storageAccounts/managementPolicies': '2025-06-01',
  'Microsoft.Storage/storageAccounts/queueServices': '2025-06-01',
  'Microsoft.Storage/storageAccounts/queueServices/queues': '2025-06-01',
  'Microsoft.Web/serverfarms': '2025-03-01',
  'Microsoft.Web/sites': '2025-03-01',
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': '2025-03-01',
  'Microsoft.Web/sites/config': '2025-03-01',
};

const uses = (text: string, name: string) => text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0;
const modules = bicepFiles.filter(({ name }) => name.startsWith('modules/'));
const main = fileNamed('main.bicep');
const parameters = readFileSync(path.join(root, 'infra/main.bicepparam'), 'utf8');

test('every file parses without an error', () => {
  expect(bicepFiles.length).toBeGreaterThan(12);
  expect(syntaxErrors(parseBicep('param broken = ='))).not.toEqual([]);
  for (const { name, tree } of bicepFiles) expect([name, ...syntaxErrors(tree)]).toEqual([name]);
});

test('the parameter file gives values to parameters that exist, in expressions that parse', () => {
  const [, using] = /^using '(.*)'$/m.exec(parameters) ?? [];
  expect(using).toBe('main.bicep');
  // The grammar knows templates only: `param x = …` of a parameter file is there `var x = …`.
  const asTemplate = parameters.replace(/^using .*$/m, '').replaceAll(/^param /gm, 'var ');
  expect(syntaxErrors(parseBicep(asTemplate))).toEqual([]);
  const given = [...parameters.matchAll(/^param (\w+)/gm)].map(([, name]) => name);
  expect(given.length).toBeGreaterThan(8);
  expect(declared(main, 'param')).toEqual(expect.arrayContaining(given));
  const needed = [...main.text.matchAll(/^param (\w+) \w+$/gm)].map(([, name]) => name);
  expect(given).toEqual(expect.arrayContaining(needed));
});

test('every parameter is described and used, and so is every variable', () => {
  for (const file of bicepFiles) {
    for (const name of declared(file, 'param')) {
      expect([file.name, name, uses(file.text, name) > 1]).toEqual([file.name, name, true]);
      const before = file.text.slice(0, file.text.indexOf(`\nparam ${name} `));
      const decorators = before.slice(before.lastIndexOf('\n\n'));
      expect([file.name, name, decorators.includes("@description('")]).toEqual([file.name, name, true]);
    }
    for (const name of declared(file, 'var'))
      expect([file.name, name, uses(file.text, name) > 1]).toEqual([file.name, name, true]);
  }
});

test('every module is used, gets each parameter that has no default, and no other', () => {
  const calls = every(main.tree, 'module_declaration');
  const called = calls.map((call) => /'(modules\/[^']+)'/.exec(call.text)?.[1] ?? '');
  expect(new Set(called)).toEqual(new Set(modules.map(({ name }) => name)));
  for (const [index, call] of calls.entries()) {
    const { text } = fileNamed(called[index] ?? '');
    const params = every(call, 'object_property').find((property) => property.children[0]?.text === 'params');
    const given = keysOf(params?.children.at(-1) ?? call).toSorted();
    const needed = [...text.matchAll(/^param (\w+) \w+$/gm)].map(([, name = '']) => name).toSorted();
    expect([called[index], ...given]).toEqual([called[index], ...needed]);
  }
});

test('every output is read: those of a module by main.bicep, those of main.bicep by a person or a command', () => {
  for (const file of modules) {
    const [path = ''] = file.name.split(':');
    const symbols = [...main.text.matchAll(/^module (\w+) '([^']+)'/gm)].filter(
      ([, , name]) => name === path,
    );
    for (const name of declared(file, 'output')) {
      const read = symbols.some(([, symbol]) => main.text.includes(`${symbol}.outputs.${name}`));
      expect([file.name, name, read]).toEqual([file.name, name, true]);
    }
  }
  const readers = ['azure.yaml', 'docs/deploy.md'].map((file) => readFileSync(path.join(root, file), 'utf8'));
  for (const name of declared(main, 'output')) expect(readers.join('\n')).toContain(name);
});

test('each resource type has one version, of the list', () => {
  const found = bicepFiles.flatMap(({ text }) =>
    [...text.matchAll(/^resource \w+ '([^@']+)@([^']+)'/gm)].map(([, type = '', version]) => [type, version]),
  );
  expect(found.length).toBeGreaterThan(30);
  for (const [type = '', version] of found) expect([type, version]).toEqual([type, apiVersions[type]]);
  expect(new Set(found.map(([type]) => type))).toEqual(new Set(Object.keys(apiVersions)));
});

test('what is loaded from a file is there', () => {
  const loaded = bicepFiles.flatMap(({ name, text }) =>
    [...text.matchAll(/load(?:Json|Text)Content\('([^']+)'\)/g)].map(([, file = '']) =>
      path.join(root, 'infra', path.dirname(name), file),
    ),
  );
  expect(loaded.length).toBeGreaterThan(8);
  expect(loaded.filter((file) => !existsSync(file))).toEqual([]);
});

test('no address of one cloud is written down', () => {
  const hosts = /windows\.net|azure\.net|microsoftonline|azure\.com|chinacloudapi|usgovcloudapi/;
  for (const { name, text } of bicepFiles) expect([name, hosts.exec(text)?.[0]]).toEqual([name, undefined]);
});
