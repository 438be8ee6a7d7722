/**
 * Who may import whom: importRules.ts has the table. A rule that is broken fails with its reason. The count of files is
 * asserted too: a gate that saw nothing has proved nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Rule, rules, single } from './importRules.ts';

const root = path.resolve(import.meta.dirname, '../..');

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function filesUnder(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|cjs)$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .filter((file) => !file.includes('/fixtures/'));
}

/** Static, side-effect and dynamic imports. `import { type A }` counts as typeOnly if every name is a type. */
function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const found: Import[] = [];
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s+)?([^'";]*?from\s+)?['"]([^'"]+)['"]/gm)) {
    const [, type, clause = '', specifier = ''] = match;
    const names = /\{([^}]*)\}/
      .exec(clause)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    const onlyTypes =
      names !== undefined && names.every((name) => name.startsWith('type ')) && !/^\s*\w+\s*,/.test(clause);
    found.push({ file, target: resolve(file, specifier), typeOnly: type !== undefined || onlyTypes });
  }
  for (const match of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ file, target: resolve(file, match[1] ?? ''), typeOnly: false });
  return found;
}

const resolve = (file: string, specifier: string) =>
  specifier.startsWith('.')
    ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
    : specifier;

function breaks(rule: Rule, { file, target, typeOnly }: Import): boolean {
  const own = rule.folder !== '' && target.startsWith(`${rule.folder}/`);
  const allowed = [...rule.may, ...(typeOnly ? (rule.mayType ?? []) : [])].some(
    (prefix) =>
      target === prefix ||
      target.startsWith(prefix.endsWith('/') || prefix.endsWith(':') ? prefix : `${prefix}/`) ||
      target === prefix,
  );
  return !own && !allowed && file !== target;
}

test.each(rules)('$folder imports only what it may', (rule) => {
  const files = filesUnder(rule.folder).filter((file) => !(file in single));
  expect(files.length).toBeGreaterThan(1);
  const broken = files.flatMap(importsOf).filter((found) => breaks(rule, found));
  expect(broken.map(({ file, target }) => `${file} imports ${target}, but ${rule.because}`)).toEqual([]);
});

test.each(Object.entries(single))('%s imports only what it may', (file, rule) => {
  const broken = importsOf(file).filter((found) => breaks(rule, found));
  expect(broken.map(({ target }) => `${file} imports ${target}, but ${rule.because}`)).toEqual([]);
});

test('the settings alone read the environment', () => {
  const files = [...filesUnder('shared'), ...filesUnder('functions')];
  expect(files.length).toBeGreaterThan(40);
  const readers = files.filter(
    (file) => file !== 'shared/config.ts' && /process\.env/.test(readFileSync(path.join(root, file), 'utf8')),
  );
  expect(readers).toEqual([]);
});

test('no code path of the app overwrites or deletes a blob', () => {
  const verbs =
    /\.(delete|deleteIfExists|deleteBlob|uploadStream|uploadData|beginCopyFromURL|syncUploadFromURL|setMetadata|undelete)\(/;
  const files = filesUnder('shared/azure');
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => verbs.test(readFileSync(path.join(root, file), 'utf8')))).toEqual([]);
});

test('files stay one idea each', () => {
  const files = ['shared', 'functions', 'cli', 'test', 'scripts'].flatMap(filesUnder);
  const lines = files.map((file) => ({
    file,
    count: readFileSync(path.join(root, file), 'utf8').split('\n').length - 1,
  }));
  expect(lines.filter(({ count }) => count > 250)).toEqual([]);
  const product = lines
    .filter(({ file }) => /^(shared|functions|cli)\//.test(file))
    .map(({ count }) => count)
    .sort((a, b) => a - b);
  expect(product[Math.floor(product.length / 2)]).toBeLessThanOrEqual(80);
});
