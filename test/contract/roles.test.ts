/**
 * The roles of infra/modules/roles.bicep against the calls that the adapters make, through the real SDK clients: with
 * them every call works; with any one action taken away one is refused; and no call needs an action that no role has.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyVault } from '../../shared/azure/keyVault.ts';
import { targetVault } from '../../shared/azure/targetVault.ts';
import { kinds, type ObjectRef } from '../../shared/domain/objects.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { allOperations } from '../emulator/operations/all.ts';
import { makeTls } from '../emulator/tls.ts';
import {
  actions,
  backupActions,
  configurationActions,
  drillActions,
  replaceActions,
  restoreActions,
} from '../local/grants.ts';
import { trust } from '../local/trust.ts';
import { credentialOf, urlOf } from './emulatedVault.ts';

const [source, target] = ['contoso', 'contoso-dr'];
let emulator: Emulator;
let round = 0;
const blobs = new Map<ObjectRef, Uint8Array>();

beforeAll(async () => {
  const tls = await makeTls();
  emulator = await startEmulator({
    vaults: [{ name: source }, { name: target }],
    identities: [
      { name: 'backup', clientId: 'backup-id', grants: {} },
      { name: 'restore', clientId: 'restore-id', grants: {} },
      { name: 'owner', clientId: 'owner-id', grants: { '*': actions('*') } },
    ],
    tls,
    throttling: false,
  });
  trust(tls.ca);
});
afterAll(() => emulator?.stop());

const open = (vault: string, identity: string) => ({
  name: vault,
  url: urlOf(emulator, vault),
  credential: credentialOf(emulator, `${identity}-id`),
  timeoutMs: 5_000,
});

/** New names each time: a purged name is not free at once, and tests must not meet. */
async function seedAnew(): Promise<ObjectRef[]> {
  round += 1;
  const { seed } = emulator.control;
  const refs = kinds.map((kind) => ({ kind, name: `${kind}-${round}` }));
  seed.secret(source, { name: `secret-${round}`, value: 'x' });
  await seed.key(source, { name: `key-${round}`, kty: 'EC' });
  await seed.certificate(source, { name: `certificate-${round}`, kty: 'EC' });
  const owner = targetVault(open(source, 'owner'));
  for (const ref of refs) blobs.set(ref, await owner.backup(ref));
  return refs;
}

type Call = () => Promise<unknown>;
const blobOf = (ref: ObjectRef) => blobs.get(ref) ?? new Uint8Array();

async function callsOfBackup(): Promise<Call[]> {
  const refs = await seedAnew();
  const vault = keyVault(open(source, 'backup'));
  const key = `key-${round}`;
  return [
    ...kinds.map((kind) => () => vault.listPage(kind, null)),
    ...refs.flatMap((ref) => [() => vault.versionsPage(ref, null), () => vault.backup(ref)]),
    () => vault.currentKey(key),
    () => vault.rotationPolicy(key),
  ];
}

async function callsOfRestore(): Promise<Call[]> {
  const refs = await seedAnew();
  const vault = targetVault(open(target, 'restore'));
  return [
    ...kinds.flatMap((kind) => [() => vault.listPage(kind, null), () => vault.listDeletedPage(kind, null)]),
    ...refs.flatMap((ref) => [() => vault.restore(ref.kind, blobOf(ref)), () => vault.versions(ref)]),
    async () => vault.setRotationPolicy(`key-${round}`, await vault.rotationPolicy(`key-${round}`)),
  ];
}

/** The control plane's part of it: vaultControl.test.ts. */
const callsOfConfiguration = async (): Promise<Call[]> => [
  () => keyVault(open(source, 'backup')).issuersPage(null),
];

/** In the order of a replacement, and of a recovery. The owner puts there what gives way. */
async function callsOfReplace(): Promise<Call[]> {
  const refs = await seedAnew();
  const owner = targetVault(open(target, 'owner'));
  for (const ref of refs) await owner.restore(ref.kind, blobOf(ref));
  const vault = targetVault(open(target, 'restore'));
  return refs.flatMap((ref) => [
    () => vault.backup(ref),
    () => vault.remove(ref),
    () => vault.recover(ref),
    () => vault.remove(ref),
    () => vault.deleted(ref),
    () => vault.purge(ref),
  ]);
}

async function callsOfDrill(): Promise<Call[]> {
  const refs = await seedAnew();
  const vault = targetVault(open(target, 'restore'));
  return refs.flatMap((ref) => [
    () => vault.restore(ref.kind, blobOf(ref)),
    () => vault.remove(ref),
    () => vault.deleted(ref),
    () => vault.purge(ref),
  ]);
}

const roles = [
  { role: 'source', identity: 'backup', vault: source, has: backupActions, with: [], calls: callsOfBackup },
  {
    role: 'configuration',
    identity: 'backup',
    vault: source,
    has: configurationActions,
    with: [],
    calls: callsOfConfiguration,
  },
  {
    role: 'target',
    identity: 'restore',
    vault: target,
    has: restoreActions,
    with: [],
    calls: callsOfRestore,
  },
  {
    role: 'replace',
    identity: 'restore',
    vault: target,
    has: replaceActions,
    with: restoreActions,
    calls: callsOfReplace,
  },
  {
    role: 'drill',
    identity: 'restore',
    vault: target,
    has: drillActions,
    with: restoreActions,
    calls: callsOfDrill,
  },
];

/** Until the first is refused: what follows it stands on it. Returns what was refused, in words; null if nothing was. */
async function refusal(calls: readonly Call[]): Promise<string | null> {
  for (const call of calls) {
    try {
      await call();
    } catch (error) {
      return String(error);
    }
  }
  return null;
}

/** The actions of all calls that were answered, as the emulator demands them. */
function actionsAsked(identity: string, vault: string): Set<string> {
  const names = emulator.control
    .counters()
    .rows.filter((row) => row.identity === identity && row.vault === vault && row.status < 300)
    .map(({ operation }) => operation);
  const asked = allOperations.filter(({ name }) => names.includes(name)).map(({ action }) => action);
  return new Set(actions(...asked));
}

describe.each(roles)('the $role role', ({ identity, vault, has, with: besides, calls }) => {
  test('lets every call pass, and no call needs what it lacks', async () => {
    emulator.control.setGrants(identity, { [vault]: [...besides, ...has] });
    const made = await calls();
    emulator.control.resetCounters();
    expect(await refusal(made)).toBeNull();
    const needed = actionsAsked(identity, vault);
    const spare = has.filter((action) => !needed.has(action));
    const missing = [...needed].filter((action) => ![...has, ...besides].includes(action));
    expect({ spare, missing }).toEqual({ spare: [], missing: [] });
  });

  test.each(has)('without %s a call is refused', async (action) => {
    emulator.control.setGrants(identity, { [vault]: [...besides, ...has].filter((one) => one !== action) });
    expect(await refusal(await calls())).toMatch(/forbidden|not authorized|may not|role/i);
  });
});

test('no role reads a value, or changes one', () => {
  const every = roles.flatMap(({ has }) => has).join('\n');
  expect(every).not.toMatch(/getSecret|setSecret|\*|import|create|update|release|sign|decrypt|unwrap/i);
});
