/** A deployment package holds what runs and nothing else: every other entry of the repository is named in .funcignore. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const patterns = readFileSync(path.join(root, '.funcignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const ignored = picomatch(patterns, { dot: true });

test('everything but the bundle, the two files that the host reads and the plans stays out', () => {
  const entries = readdirSync(root).filter((name) => name !== 'dist');
  expect(entries.length).toBeGreaterThan(10);
  expect(entries.filter((name) => !ignored(name)).sort()).toEqual([
    'host.json',
    'package.json',
    'plans.json',
  ]);
  expect(ignored('dist/main.cjs')).toBe(false);
  expect(ignored('dist/main.cjs.map')).toBe(true);
  expect(ignored('dist/keyvault-backup.zip')).toBe(true);
});

test('no pattern is negated: Core Tools would then take in whatever begins like it', () => {
  expect(patterns.filter((pattern) => pattern.startsWith('!'))).toEqual([]);
});
