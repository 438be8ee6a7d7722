/** Who may import whom, as data; ARCHITECTURE.md has the table for people. */
export interface Rule {
  readonly folder: string;
  /** Prefixes of what may be imported besides the own folder: paths from the root, packages, node: modules. */
  readonly may: readonly string[];
  /** Imported for their types only. */
  readonly mayType?: readonly string[];
  readonly because: string;
}

export const rules: readonly Rule[] = [
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
    folder: 'shared/configuration',
    may: ['shared/domain', 'shared/engine'],
    mayType: ['shared/ports'],
    because: 'a vault’s own settings are read by both apps, and know neither backup nor restore',
  },
  {
    folder: 'shared/drill',
    may: ['shared/domain', 'shared/engine', 'shared/restore'],
    mayType: ['shared/ports'],
    because: 'a drill restores as any restore does',
  },
  {
    folder: 'shared/portable',
    may: ['shared/domain', 'shared/engine'],
    mayType: ['shared/ports'],
    because: 'use cases know ports, never adapters; and what reads values knows nothing of restore',
  },
  {
    folder: 'shared/watch',
    may: ['shared/domain', 'shared/engine', 'shared/backup', 'shared/verify', 'shared/restore'],
    mayType: ['shared/ports'],
    because: 'the watch looks after runs, verifications and restores, and calls no vault',
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
      'shared/configuration',
      'shared/diff',
      'shared/portable',
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

const composed: Rule = {
  folder: '',
  may: ['shared/'],
  mayType: ['@azure/identity'],
  because: 'it is part of the composition',
};

/** Files of their own: the roots of the tree. */
export const single: Readonly<Record<string, Rule>> = {
  'shared/composition.ts': { folder: '', may: ['shared/', 'node:crypto'], because: 'it wires everything' },
  'shared/config.ts': {
    folder: '',
    may: ['zod', 'shared/domain', 'shared/settings.ts', 'node:fs'],
    because: 'settings are data',
  },
  'shared/settings.ts': { folder: '', may: ['zod', 'shared/domain'], because: 'settings are data' },
  'shared/vaults.ts': composed,
  'shared/portableApp.ts': composed,
  'shared/configurationApp.ts': composed,
  'shared/portableVaults.ts': composed,
  'shared/once.ts': { folder: '', may: [], because: 'it is one idea' },
  'shared/version.ts': { folder: '', may: [], because: 'it is one constant' },
};
