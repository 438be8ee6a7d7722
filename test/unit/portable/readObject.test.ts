/** Which versions a copy holds, and in which order: oldest first, the current one last, whatever order the vault lists them in. */
import { expect, test } from 'vitest';
import { readSecret } from '../../../shared/portable/readObject.ts';
import type { GovernedReadable, ReadableVault, ReadVersion } from '../../../shared/ports/readableVault.ts';
import type { VersionFacts } from '../../../shared/ports/targetVault.ts';

const read = (version: string, created: number): ReadVersion => ({
  version,
  value: `value of ${version}`,
  contentType: null,
  tags: {},
  enabled: true,
  notBefore: null,
  expires: null,
  created,
  updated: created,
  x5t: null,
  vaultDate: '2026-11-21T02:00:00.000Z',
});
const listed = ['c', 'e', 'a', 'd', 'b'].map(
  (version): VersionFacts => ({
    ...read(version, version.charCodeAt(0)),
    enabled: version !== 'c',
    tagsDigest: null,
    publicKeyDigest: null,
    recoveryLevel: null,
  }),
);

function vaultWith(current: ReadVersion | null): { vault: GovernedReadable; asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  const calls: ReadableVault = {
    secret: async (_name, version) => {
      asked.push(version);
      return version === null ? current : read(version, version.charCodeAt(0));
    },
    // Two pages, as a long list has.
    versionsPage: async (_ref, next) => ({
      versions: next === null ? listed.slice(0, 2) : listed.slice(2),
      next: next === null ? 'more' : null,
      vaultDate: '',
    }),
    certificate: () => Promise.reject(new Error('no certificate here')),
    publicKey: () => Promise.reject(new Error('no key here')),
    certificatesPage: async () => ({ names: [], next: null }),
    region: () => null,
  };
  const pace = { callsPerSecond: () => 1, pausedForMs: () => 0, sawUnreachable: () => false };
  const meter = { take: () => ({ vault: 0, throttled: 0 }), giveBack: () => {} };
  return { vault: { calls, patientCalls: calls, pace, meter }, asked };
}

test.each([
  [0, ['e'], null],
  [1, ['d', 'e'], { older: 3, disabled: 0 }],
  [3, ['b', 'd', 'e'], { older: 1, disabled: 1 }],
  [9, ['a', 'b', 'd', 'e'], { older: 0, disabled: 1 }],
])('with %d past versions', async (wanted, versions, leftOut) => {
  const { vault, asked } = vaultWith(read('e', 101));
  const found = await readSecret('db', wanted, vault);
  if (!('content' in found)) throw new Error(found.outcome);
  expect(found.content.versions.map(({ version }) => version)).toEqual(versions);
  expect(found.facts).toMatchObject({ currentVersion: 'e', versions: versions.length, leftOut });
  // A disabled version is never asked for.
  expect(asked).not.toContain('c');
});

test('a disabled secret is told, not read', async () => {
  const { vault } = vaultWith(null);
  expect(await readSecret('db', 3, vault)).toMatchObject({ outcome: 'disabled' });
});
