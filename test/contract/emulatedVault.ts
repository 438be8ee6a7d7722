/** A SourceVault on the real SDK clients, before an emulated vault with a little of everything in it. */
import { keyVault } from '../../shared/azure/keyVault.ts';
import type { SourceVault } from '../../shared/ports/sourceVault.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { makeTls } from '../emulator/tls.ts';
import { backupActions } from '../local/stack.ts';
import { trust } from '../local/trust.ts';

export const name = 'contoso';

export interface EmulatedVault {
  readonly emulator: Emulator;
  readonly connect: (timeoutMs?: number) => SourceVault;
}

export async function startEmulatedVault(): Promise<EmulatedVault> {
  const tls = await makeTls();
  const emulator = await startEmulator({
    vaults: [{ name, region: 'northeurope' }],
    identities: [{ name: 'backup', grants: { '*': backupActions } }],
    tls,
    throttling: false,
  });
  trust(tls.ca);
  await seed(emulator);
  return { emulator, connect: (timeoutMs = 5_000) => connect(emulator, timeoutMs) };
}

async function seed(emulator: Emulator): Promise<void> {
  const { seed: put } = emulator.control;
  for (let i = 0; i < 30; i += 1)
    put.secret(name, { name: `s${String(i).padStart(2, '0')}`, value: `value ${i}` });
  put.secret(name, {
    name: 'Odd-Name',
    value: 'x',
    enabled: false,
    contentType: 'text/plain',
    tags: { b: '2', a: '1' },
    expires: 1_900_000_000,
  });
  const rotate = { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Rotate' as const } };
  await put.key(name, {
    name: 'rsa',
    kty: 'RSA',
    rotationPolicy: { lifetimeActions: [rotate], expiryTime: 'P90D' },
  });
  await put.key(name, { name: 'ec', kty: 'EC' });
  await put.certificate(name, { name: 'www' });
}

function connect(emulator: Emulator, timeoutMs: number): SourceVault {
  const url = emulator.vaults[0]?.url ?? '';
  const token = async () => {
    const answer = await fetch(
      `${emulator.identityEndpoint}?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net`,
      {
        headers: { 'x-identity-header': emulator.identityHeader },
      },
    );
    const { access_token, expires_on } = (await answer.json()) as {
      access_token: string;
      expires_on: string;
    };
    return { token: access_token, expiresOnTimestamp: Number(expires_on) * 1000 };
  };
  return keyVault({ name, url, credential: { getToken: token }, timeoutMs });
}
