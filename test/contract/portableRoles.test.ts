/**
 * The roles of portable copies against the calls that the adapters make: with them every call passes, with any one
 * action taken away one is refused, and neither app can do the other's part.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readableVault } from '../../shared/azure/readableVault.ts';
import { recipientKeys } from '../../shared/azure/recipientKeys.ts';
import { targetVault } from '../../shared/azure/targetVault.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { makeTls } from '../emulator/tls.ts';
import { copiesActions, portableActions, recipientActions, unwrapActions } from '../local/grants.ts';
import { trust } from '../local/trust.ts';
import { credentialOf, urlOf } from './emulatedVault.ts';

let emulator: Emulator;
let round = 0;

beforeAll(async () => {
  const tls = await makeTls();
  emulator = await startEmulator({
    vaults: [{ name: 'contoso' }],
    identities: [{ name: 'app', clientId: 'app-id', grants: {} }],
    tls,
    throttling: false,
  });
  trust(tls.ca);
  const { seed } = emulator.control;
  seed.secret('contoso', { name: 'secret', value: 'x' });
  await seed.key('contoso', { name: 'key', kty: 'RSA' });
  await seed.certificate('contoso', { name: 'certificate', kty: 'EC' });
});
afterAll(() => emulator?.stop());

const open = () => ({
  name: 'contoso',
  url: urlOf(emulator, 'contoso'),
  credential: credentialOf(emulator, 'app-id'),
  timeoutMs: 5_000,
});
type Call = () => Promise<unknown>;

function callsOfPortable(): Call[] {
  const vault = readableVault(open());
  return [
    () => vault.secret('secret', null),
    () => vault.versionsPage({ kind: 'secret', name: 'secret' }, null),
    () => vault.certificate('certificate'),
    () => vault.certificatesPage(null),
    () => vault.publicKey('key'),
  ];
}

function callsOfCopies(): Call[] {
  round += 1;
  const vault = targetVault(open());
  const version = { contentType: null, tags: {}, enabled: true, notBefore: null, expires: 4_102_444_800 };
  return [
    () => vault.setSecret(`made-${round}`, { ...version, value: 'y' }),
    () => vault.hasIssuer('nobody'),
    async () => {
      const answer = vault.importCertificate(`imported-${round}`, { ...version, value: 'no PFX' }, null);
      await answer.catch((error: unknown) => {
        // It was let through, and then found to be no certificate.
        if (!/BadParameter/.test(String(error))) throw error;
      });
    },
  ];
}

const kid = () => {
  const [version = ''] =
    emulator.control.objects('contoso').keys.find(({ name }) => name === 'key')?.versions ?? [];
  return `${urlOf(emulator, 'contoso')}/keys/key/${typeof version === 'string' ? version : version.id}`;
};
const callsOfRecipient = (): Call[] => [
  () => recipientKeys(open()).publicKey(`${urlOf(emulator, 'contoso')}/keys/key`),
];
const callsOfUnwrap = (): Call[] => [
  async () => {
    await recipientKeys(open())
      .unwrap(kid(), new Uint8Array(256))
      .catch((error: unknown) => {
        // It was let through, and then found to be nothing that this key wrapped.
        if (!/BadParameter/.test(String(error))) throw error;
      });
  },
];

const roles = [
  { role: 'portable', has: portableActions, calls: callsOfPortable },
  { role: 'copies', has: copiesActions, calls: callsOfCopies },
  { role: 'recipient', has: recipientActions, calls: callsOfRecipient },
  { role: 'unwrap', has: unwrapActions, calls: callsOfUnwrap },
];

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

describe.each(roles)('the $role role', ({ has, calls }) => {
  test('lets every call pass', async () => {
    emulator.control.setGrants('app', { contoso: has });
    expect(await refusal(calls())).toBeNull();
  });

  test.each(has)('without %s a call is refused', async (action) => {
    emulator.control.setGrants('app', { contoso: has.filter((one) => one !== action) });
    expect(await refusal(calls())).toMatch(/Forbidden/);
  });
});

test('who reads values and encrypts cannot unwrap; who brings them back cannot read values', () => {
  expect([...portableActions, ...recipientActions].join()).not.toMatch(
    /unwrap|decrypt|setSecret|import|restore/,
  );
  expect([...copiesActions, ...unwrapActions].join()).not.toMatch(/getSecret|delete|purge|backup/);
});

test('dates after 2038 are on the wire as they are', async () => {
  emulator.control.setGrants('app', { contoso: copiesActions });
  const version = { value: 'z', contentType: 'text/plain', tags: { a: 'b' }, enabled: false };
  const made = await targetVault(open()).setSecret('far', {
    ...version,
    notBefore: 1,
    expires: 4_102_444_800,
  });
  expect(made).toMatchObject({
    kept: true,
    facts: { notBefore: 1, expires: 4_102_444_800, enabled: false, contentType: 'text/plain' },
  });
});
