/** Certificate issuers through both adapters and the real SDK client: all pages, names and providers, and no account. */
import { CertificateClient } from '@azure/keyvault-certificates';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyVault } from '../../shared/azure/keyVault.ts';
import { targetVault } from '../../shared/azure/targetVault.ts';
import type { IssuersPage } from '../../shared/ports/sourceVault.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { makeTls } from '../emulator/tls.ts';
import { actions, configurationActions } from '../local/grants.ts';
import { trust } from '../local/trust.ts';
import { credentialOf, urlOf } from './emulatedVault.ts';

const name = 'contoso';
const names = Array.from({ length: 30 }, (_, i) => `issuer-${String(i).padStart(2, '0')}`);
let emulator: Emulator;

beforeAll(async () => {
  const tls = await makeTls();
  emulator = await startEmulator({
    vaults: [{ name }],
    identities: [
      { name: 'app', clientId: 'app-id', grants: { '*': configurationActions } },
      { name: 'owner', clientId: 'owner-id', grants: { '*': actions('*') } },
    ],
    tls,
    throttling: false,
  });
  trust(tls.ca);
  const owner = new CertificateClient(urlOf(emulator, name), credentialOf(emulator, 'owner-id'), {
    disableChallengeResourceVerification: true,
  });
  for (const issuer of names)
    await owner.createIssuer(issuer, 'DigiCert', { accountId: 'our-account', password: 'our-password' });
});
afterAll(() => emulator?.stop());

test.each([
  ['a source', keyVault],
  ['a target', targetVault],
])('of %s', async (_, adapter) => {
  const vault = adapter({
    name,
    url: urlOf(emulator, name),
    credential: credentialOf(emulator, 'app-id'),
    timeoutMs: 5_000,
  });
  emulator.control.resetCounters();
  const pages: IssuersPage[] = [];
  let next: string | null = null;
  do {
    const page: IssuersPage = await vault.issuersPage(next);
    pages.push(page);
    next = page.next;
  } while (next !== null && pages.length < 9);
  expect(pages.flatMap(({ issuers }) => issuers)).toEqual(
    names.map((issuer) => ({ name: issuer, provider: 'DigiCert' })),
  );
  expect(emulator.control.count({ vault: name, status: 200 })).toBe(pages.length);
  expect(pages.length).toBeGreaterThan(1);
  expect(JSON.stringify(pages)).not.toMatch(/our-/);
});
