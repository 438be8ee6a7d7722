/** What the Key Vault adapter makes of everything a vault can answer: a code, a hint, and never a second request. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SourceVault } from '../../shared/ports/sourceVault.ts';
import type { Emulator } from '../emulator/emulator.ts';
import { backupActions } from '../local/grants.ts';
import { type EmulatedVault, name, startEmulatedVault } from './emulatedVault.ts';

let emulated: EmulatedVault;
let emulator: Emulator;
let vault: SourceVault;

beforeAll(async () => {
  emulated = await startEmulatedVault();
  ({ emulator } = emulated);
  vault = emulated.connect();
});
afterAll(() => emulator?.stop());
beforeEach(() => {
  emulator.control.resetCounters();
  emulator.control.clearFaults();
});

const calls = (operation: string) => emulator.control.count({ vault: name, operation });

test('an object that is gone', async () => {
  await expect(vault.backup({ kind: 'secret', name: 'never' })).rejects.toMatchObject({ code: 'notFound' });
});

test('a managed object', async () => {
  await expect(vault.backup({ kind: 'key', name: 'www' })).rejects.toMatchObject({ code: 'managed' });
  await expect(vault.backup({ kind: 'secret', name: 'www' })).rejects.toMatchObject({ code: 'managed' });
});

test('a missing role, with the action to assign', async () => {
  emulator.control.setGrants('backup', {
    '*': backupActions.filter((action) => !action.includes('secrets/backup')),
  });
  await expect(vault.backup({ kind: 'secret', name: 's00' })).rejects.toMatchObject({
    code: 'forbidden',
    hint: expect.stringContaining('Microsoft.KeyVault/vaults/secrets/backup/action'),
  });
  emulator.control.setGrants('backup', { '*': backupActions });
});

test('a firewall', async () => {
  emulator.control.setNetwork(name, 'firewall');
  await expect(vault.listPage('key', null)).rejects.toMatchObject({
    code: 'forbidden',
    hint: expect.stringContaining('firewall'),
  });
  emulator.control.setNetwork(name, 'open');
});

const faults = [
  [{ status: 429 }, 'throttled', undefined],
  [{ status: 429, retryAfterSeconds: 7 }, 'throttled', 7],
  [{ status: 500, body: 'empty' }, 'unreachable', undefined],
  [{ status: 502, body: 'html' }, 'unreachable', undefined],
  [{ status: 503, body: 'truncated' }, 'unreachable', undefined],
  [{ status: 500, body: 'null' }, 'unreachable', undefined],
  [{ reset: true }, 'unreachable', undefined],
] as const;
const methods = {
  'secrets.list': () => vault.listPage('secret', null),
  'secrets.backup': () => vault.backup({ kind: 'secret', name: 's00' }),
  'keys.get': () => vault.currentKey('rsa'),
  'keys.rotationPolicy.get': () => vault.rotationPolicy('rsa'),
};
for (const [operation, call] of Object.entries(methods)) {
  test.each(faults)(
    `${operation} answered by %j is %s, and asked only once`,
    async (kind, code, retryAfterSeconds) => {
      emulator.control.addFault({ operation, kind });
      await expect(call()).rejects.toMatchObject({ name: 'BackupError', code, retryAfterSeconds });
      expect(calls(operation)).toBe(1);
    },
  );
}

test('no answer in time is unreachable, for every method', async () => {
  const hasty = emulated.connect(300);
  emulator.control.addFault({ operation: 'secrets.backup', kind: { hang: true } });
  emulator.control.addFault({ operation: 'keys.rotationPolicy.get', kind: { hang: true } });
  await expect(hasty.backup({ kind: 'secret', name: 's00' })).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('no answer in time'),
  });
  await expect(hasty.rotationPolicy('rsa')).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('no answer in time'),
  });
});

test('a token that is refused is no missing permission: tried again, with what to check', async () => {
  emulator.control.addFault({
    operation: 'secrets.backup',
    kind: { status: 401, code: 'Unauthorized', message: '[TokenExpired] expired' },
  });
  await expect(vault.backup({ kind: 'secret', name: 's00' })).rejects.toMatchObject({
    code: 'unreachable',
    hint: expect.stringContaining('token'),
  });
});

test('after a refused token the next call asks for a new one', async () => {
  await vault.listPage('secret', null);
  emulator.control.expireTokens();
  await expect(vault.listPage('secret', null)).rejects.toMatchObject({ code: 'unreachable' });
  expect((await vault.listPage('secret', null)).objects.length).toBeGreaterThan(0);
});
