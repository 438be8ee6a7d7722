/**
 * Who may import whom, as data (ARCHITECTURE.md has the table for people). A rule that is broken fails with its reason. The count of files is
 * asserted too: a gate that saw nothing has proved nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

interface Rule {
  readonly folder: string;
  /** Prefixes of what may be imported besides the own folder: paths from the root, packages, node: modules. */
  readonly may: readonly string[];
  /** Imported for their types only. */
  readonly mayType?: readonly string[];
  readonly because: string;
}

const rules: readonly Rule[] = [
  {
    folder: 'shared/domain',
    may: ['zod', 'node:crypto', 'croner', 'picomatch'],
    because: 'decisions are pure: no I/O, no SDK, no clock',
  },
  {
    folder: 'shared/ports',
    may: [],
    mayType: ['shared/domain'],
    because: 'a port is an interface in the domain’s words',
  },
  {
    folder: 'shared/backup',
    may: ['shared/domain', 'shared/engine', 'zod'],
    mayType: ['shared/ports'],
    because: 'use cases know ports, never adapters',
  },
  {
    folder: 'shared/restore',
    may: ['shared/domain', 'shared/engine', 'zod'],
    mayType: ['shared/ports'],
    because: 'use cases know ports, never adapters; and restore knows nothing of backup',
  },
  {
    folder: 'shared/diff',
    may: ['shared/domain', 'shared/engine', 'zod'],
    mayType: ['shared/ports'],
    because: 'differences are told by both apps, and know neither backup nor restore',
  },
  {
    folder: 'shared/drill',
    may: ['shared/domain', 'shared/engine', 'shared/restore'],
    mayType: ['shared/ports'],
    because: 'a drill restores as any restore does',
  },
  {
    folder: 'shared/watch',
    may: ['shared/domain', 'shared/engine', 'shared/backup', 'shared/verify'],
    mayType: ['shared/ports'],
    because: 'the watch looks after runs and verifications, and calls no vault',
  },
  {
    folder: 'shared/verify',
    may: ['shared/domain', 'shared/engine', 'shared/backup/runStore.ts'],
    mayType: ['shared/ports'],
    because: 'a verification reads what runs left, and calls no vault',
  },
  {
    folder: 'shared/engine',
    may: ['shared/domain'],
    mayType: ['shared/ports'],
    because: 'what backup and restore share knows neither of them',
  },
  {
    folder: 'shared/policies',
    may: ['shared/domain', 'bottleneck'],
    mayType: ['shared/ports'],
    because: 'a policy decorates a port',
  },
  {
    folder: 'shared/azure',
    may: ['shared/domain', '@azure/', 'jose', 'zod', 'node:async_hooks', 'node:crypto'],
    mayType: ['shared/ports'],
    because: 'adapters translate, and do not know each other’s callers',
  },
  {
    folder: 'functions',
    may: [
      '@azure/functions',
      'shared/composition.ts',
      'shared/config.ts',
      'shared/version.ts',
      'shared/domain',
      'zod',
    ],
    mayType: [
      'shared/backup',
      'shared/restore',
      'shared/drill',
      'shared/verify',
      'shared/diff',
      'shared/ports',
    ],
    because: 'a function decodes, calls and maps',
  },
  {
    folder: 'cli',
    may: [
      'shared/domain',
      'shared/version.ts',
      'zod',
      'commander',
      '@clack/prompts',
      '@bomb.sh/tab',
      '@azure/identity',
      'node:',
    ],
    because: 'the command line talks HTTP, and shares with the apps only what is pure',
  },
  {
    folder: 'test/emulator',
    may: ['node:', '@azure/', '@peculiar/x509', 'reflect-metadata', 'pkijs', 'asn1js', 'vitest'],
    because: 'an oracle that shares code shares mistakes',
  },
  {
    folder: 'test/host',
    may: ['node:', '@azure/', 'croner', 'vitest', 'test/local/azurite.ts'],
    because: 'the host must not know the app',
  },
];

/** Files of their own: the roots of the tree. */
const single: Readonly<Record<string, Rule>> = {
  'shared/composition.ts': { folder: '', may: ['shared/', 'node:crypto'], because: 'it wires everything' },
  'shared/config.ts': {
    folder: '',
    may: ['zod', 'shared/domain', 'shared/settings.ts', 'node:fs'],
    because: 'settings are data',
  },
  'shared/settings.ts': { folder: '', may: ['zod', 'shared/domain'], because: 'settings are data' },
  'shared/vaults.ts': {
    folder: '',
    may: ['shared/'],
    mayType: ['@azure/identity'],
    because: 'it is part of the composition',
  },
  'shared/once.ts': { folder: '', may: [], because: 'it is one idea' },
  'shared/version.ts': { folder: '', may: [], because: 'it is one constant' },
};

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
