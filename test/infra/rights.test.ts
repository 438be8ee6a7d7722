/** README's table of rights against infra/: what a person grants by hand is what the templates grant. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { storageGranted } from '../local/assignments.ts';
import {
  actions,
  backupActions,
  configurationActions,
  configurationControl,
  drillActions,
  replaceActions,
  restoreActions,
} from '../local/grants.ts';
import { root } from './bicep.ts';

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const readme = read('README.md');

/** The cells for the backup app and for the restore app. */
function row(begin: string): [string, string] {
  const line = readme.split('\n').find((one) => one.startsWith(`| ${begin}`)) ?? '';
  const [, , backup, restore] = line.split('|').map((cell) => cell.trim());
  if (backup === undefined || restore === undefined) throw new Error(`README has no row ${begin}`);
  return [backup, restore];
}
const named = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
/** Before the access policy's part. */
const byRole = (cell: string) => cell.split('; by access policy')[0] ?? '';
const ofEachKind = (cell: string) =>
  named(byRole(cell)).flatMap((action) =>
    ['secrets', 'keys', 'certificates'].map((kind) => `${kind}/${action}`),
  );

describe('README tells the actions of', () => {
  test.each([
    ['the source role', row('source vaults')[0], named, backupActions],
    ['the target role', row('target vaults')[1], named, restoreActions],
    ['the replace role', row('– only with `allowReplace`')[1], ofEachKind, replaceActions],
    ['the drill role', row('– only with `drill`')[1], ofEachKind, drillActions],
  ])('%s', (_role, cell, told, has) => {
    expect(has.length).toBeGreaterThan(5);
    expect(actions(...told(cell)).toSorted()).toEqual(has.toSorted());
  });

  test('the configuration role', () => {
    const [source, target] = row('– their own settings');
    expect(named(byRole(source))).toEqual([...configurationControl, ...configurationActions]);
    expect(target).toBe('the same on target vaults');
  });

  test.each(['backup', 'restore'] as const)('the %s app on the containers', (app) => {
    const cell = row('backup account')[app === 'backup' ? 0 : 1];
    const told = cell.split('; ').map((part) => named(part));
    const granted = Object.entries(storageGranted[app]).map(([container, has]) => [container, ...has]);
    expect(granted.length).toBeGreaterThan(1);
    expect(told).toEqual(granted);
  });

  test('nothing else: what one app has, the other has not', () => {
    for (const cell of [row('source vaults')[1], row('target vaults')[0], row('– only with `drill`')[0]])
      expect(cell).toBe('nothing');
  });
});

test('the permissions of access policies are those of the commands in docs/deploy.md', () => {
  const [source = '', target = ''] = read('docs/deploy.md')
    .split('\n')
    .filter((line) => line.startsWith('az keyvault set-policy') && line.includes('PRINCIPAL_ID'));
  const given = (command: string, kind: string) =>
    (new RegExp(`--${kind}-permissions ([a-z ]+?)(?= --|$)`).exec(command)?.[1] ?? '').split(' ').toSorted();
  /** E.g. "keys `get, list`; secrets, certificates `list`". */
  const told = (cell: string, kind: string) =>
    cell
      .split('; ')
      .filter((part) => part.includes(kind))
      .flatMap((part) => named(part).flatMap((list) => list.split(', ')))
      .toSorted();
  const [, sourceCell = ''] = /^\| – by access policy \| (keys[^|]*) \|/m.exec(readme) ?? [];
  const [, targetCell = ''] = /^\| – by access policy \| nothing \| (keys[^|]*) \|/m.exec(readme) ?? [];
  for (const [command, cell] of [
    [source, sourceCell],
    [target, targetCell],
  ] as const)
    for (const kind of ['key', 'secret', 'certificate']) {
      expect(given(command, kind).length).toBeGreaterThan(1);
      expect([kind, ...told(cell, `${kind}s`)]).toEqual([kind, ...given(command, kind)]);
    }
});
