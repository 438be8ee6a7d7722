/** A SourceVault and a TargetVault on the real SDK clients, before emulated vaults with a little of everything. */
import { CertificateClient } from '@azure/keyvault-certificates';
import { keyVault } from '../../shared/azure/keyVault.ts';
import { targetVault } from '../../shared/azure/targetVault.ts';
import { kinds } from '../../shared/domain/objects.ts';
import type { SourceVault } from '../../shared/ports/sourceVault.ts';
import type { TargetVault } from '../../shared/ports/targetVault.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { makeTls } from '../emulator/tls.ts';
import { actions, backupActions, replaceActions, restoreActions } from '../local/grants.ts';
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

const connect = (emulator: Emulator, timeoutMs: number): SourceVault =>
  keyVault({ name, url: urlOf(emulator, name), credential: credentialOf(emulator), timeoutMs });

export const urlOf = (emulator: Emulator, vault: string) =>
  emulator.vaults.find((one) => one.name === vault)?.url ?? '';

export function credentialOf(emulator: Emulator, clientId?: string) {
  const query = new URLSearchParams({
    'api-version': '2019-08-01',
    resource: 'https://vault.azure.net',
    ...(clientId === undefined ? {} : { client_id: clientId }),
  });
  const getToken = async () => {
    const answer = await fetch(`${emulator.identityEndpoint}?${query.toString()}`, {
      headers: { 'x-identity-header': emulator.identityHeader },
    });
    const { access_token, expires_on } = (await answer.json()) as {
      access_token: string;
      expires_on: string;
    };
    return { token: access_token, expiresOnTimestamp: Number(expires_on) * 1000 };
  };
  return { getToken };
}

export const targetName = 'contoso-dr';

export interface EmulatedTarget {
  readonly emulator: Emulator;
  /** May restore into the target, and nothing more. */
  readonly restorer: TargetVault;
  /** May replace in it too. */
  readonly replacer: TargetVault;
  /** The vault that the blobs come from, in the target's geography. */
  readonly source: TargetVault;
  /** A vault in another geography. */
  readonly faraway: TargetVault;
  /** Starts a certificate in the target, as its owner: it takes a minute to be issued. */
  readonly beginCertificate: (certificate: string) => Promise<unknown>;
  /** Lets the emulator's clock pass. */
  readonly pass: (ms: number) => void;
  /** What the target was asked since the last call of this, by operation; probes left out. */
  readonly asked: () => Record<string, number>;
}

/** Clients are warm, so that no count has a probe in it. Whatever takes time takes a minute. */
export async function startEmulatedTarget(): Promise<EmulatedTarget> {
  const tls = await makeTls();
  let passed = 0;
  const emulator = await startEmulator({
    vaults: [
      { name },
      { name: targetName, region: 'swedencentral' },
      { name: 'far', geography: 'Australia' },
    ],
    identities: [
      { name: 'restore', clientId: 'restore-id', grants: { '*': restoreActions } },
      { name: 'replace', clientId: 'replace-id', grants: { '*': [...restoreActions, ...replaceActions] } },
      { name: 'owner', clientId: 'owner-id', grants: { '*': actions('*') } },
    ],
    tls,
    throttling: false,
    settleMs: 60_000,
    purgeLimboMs: 60_000,
    certificateIssueMs: 60_000,
    now: () => Date.now() + passed,
  });
  trust(tls.ca);
  const { control } = emulator;
  const open = async (vault: string, identity: string) => {
    const url = urlOf(emulator, vault);
    const credential = credentialOf(emulator, `${identity}-id`);
    const opened = targetVault({ name: vault, url, credential, timeoutMs: 5_000 });
    for (const kind of kinds) await opened.listPage(kind, null);
    return opened;
  };
  const target = {
    emulator,
    restorer: await open(targetName, 'restore'),
    replacer: await open(targetName, 'replace'),
    source: await open(name, 'replace'),
    faraway: await open('far', 'restore'),
    beginCertificate: (certificate: string) =>
      new CertificateClient(urlOf(emulator, targetName), credentialOf(emulator, 'owner-id'), {
        disableChallengeResourceVerification: true,
      }).beginCreateCertificate(certificate, { issuerName: 'Self', subject: `CN=${certificate}` }),
    pass: (ms: number) => {
      passed += ms;
    },
    asked: () => {
      const counts: Record<string, number> = {};
      for (const { vault, operation, count } of control.counters().rows)
        if (vault === targetName && operation !== 'probe')
          counts[operation] = (counts[operation] ?? 0) + count;
      control.resetCounters();
      return counts;
    },
  };
  control.resetCounters();
  return target;
}
