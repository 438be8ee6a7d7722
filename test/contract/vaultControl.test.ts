/** The VaultControl through the real SDK client, against a Resource Manager that is as strict as Azure. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { vaultControl } from '../../shared/azure/vaultControl.ts';
import { vaultSettings } from '../../shared/domain/vaultConfig.ts';
import { makeTls } from '../emulator/tls.ts';
import { bare, everything } from '../local/armVaultExample.ts';
import { startArmVaults, vaultId } from '../local/armVaults.ts';
import { configurationControl } from '../local/grants.ts';
import { trust } from '../local/trust.ts';

const vaults = [everything('contoso'), bare('contoso-dr')];
const grants = new Map<string, Record<string, readonly string[]>>();
let arm: Awaited<ReturnType<typeof startArmVaults>>;

beforeAll(async () => {
  const tls = await makeTls();
  arm = await startArmVaults({ tls, vaults, grants });
  trust(tls.ca);
});
afterAll(() => arm?.stop());
beforeEach(() => {
  grants.set('app', { contoso: configurationControl, 'contoso-dr': configurationControl });
  arm.faults.length = 0;
  arm.requests.length = 0;
});

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Issues for the audience that is asked for, as Entra ID does. */
const credentialFor = (seconds = 3600) => ({
  getToken: async (scopes: string | string[]) => {
    const aud = [scopes].flat()[0]?.replace(/\/\.default$/, '');
    const exp = Math.floor(Date.now() / 1000) + seconds;
    return { token: `x.${encoded({ aud, exp, appid: 'app' })}.x`, expiresOnTimestamp: exp * 1000 };
  },
});
const open = (name: string, options: { cloud?: 'china'; id?: string; seconds?: number } = {}) =>
  vaultControl({
    resourceId: options.id ?? vaultId(name),
    credential: credentialFor(options.seconds),
    cloud: options.cloud ?? 'public',
    endpoint: arm.url,
    timeoutMs: 5_000,
  });

describe('what is read', () => {
  test('of the vault, in the domain’s words, in one request', async () => {
    const found = vaultSettings.parse(await open('contoso').settings());
    expect(found).toMatchObject({
      region: 'westeurope',
      sku: 'premium',
      softDelete: true,
      softDeleteDays: 30,
      purgeProtection: true,
      rbacAuthorization: true,
      accessPolicies: [{ keys: ['get', 'list'], secrets: ['get'], certificates: [], storage: [] }],
      enabledForDeployment: true,
      enabledForDiskEncryption: false,
      publicNetworkAccess: 'Disabled',
      networkDefaultAction: 'Deny',
      networkBypass: 'None',
      ipRules: ['203.0.113.7/32'],
      subnets: [expect.stringMatching(/subnets\/apps$/)],
      privateEndpoints: [{ id: expect.stringMatching(/privateEndpoints\/pe$/), status: 'Approved' }],
      tags: { team: "the payments' team" },
    });
    expect(arm.requests).toEqual([
      { method: 'GET', path: vaultId('contoso'), version: expect.any(String), status: 200 },
    ]);
  });

  test('of a vault that says nothing of it: Azure’s defaults', async () => {
    expect(await open('contoso-dr').settings()).toEqual({
      region: 'northeurope',
      tenantId: 'aaaaaaaa-0000-0000-0000-000000000001',
      sku: 'standard',
      softDelete: true,
      softDeleteDays: null,
      purgeProtection: false,
      rbacAuthorization: false,
      accessPolicies: [],
      enabledForDeployment: false,
      enabledForDiskEncryption: false,
      enabledForTemplateDeployment: false,
      publicNetworkAccess: 'Enabled',
      networkDefaultAction: 'Allow',
      networkBypass: 'AzureServices',
      ipRules: [],
      subnets: [],
      privateEndpoints: [],
      tags: {},
    });
  });

  test('of role assignments all pages, and those alone that are the vault’s own', async () => {
    const found = await open('contoso').roleAssignments();
    expect(found.map(({ id, below }) => [id.split('/').at(-1), below])).toEqual([
      ['own', ''],
      ['of-a-secret', '/secrets/db'],
      ['shouted', ''],
    ]);
    expect(found[1]).toMatchObject({
      role: '4633458b-17de-408a-b874-0445c86b69e6',
      principalType: 'ServicePrincipal',
      conditionVersion: '2.0',
    });
    expect(arm.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('of diagnostic settings where they go and what is on', async () => {
    expect(await open('contoso').diagnosticSettings()).toMatchObject([
      {
        name: 'audit',
        workspaceId: expect.stringMatching(/workspaces\/w$/),
        resourceSpecific: true,
        logs: [
          { category: null, categoryGroup: 'audit', enabled: true },
          { category: 'AzurePolicyEvaluationDetails', categoryGroup: null, enabled: false },
        ],
        metrics: [{ category: 'AllMetrics', categoryGroup: null, enabled: true }],
      },
      { name: 'archive', eventHub: 'hub', workspaceId: null, resourceSpecific: false },
    ]);
  });
});

describe('what is refused', () => {
  test.each([
    ['settings', 'Microsoft.KeyVault/vaults/read'],
    ['roleAssignments', 'Microsoft.Authorization/roleAssignments/read'],
    ['diagnosticSettings', 'Microsoft.Insights/diagnosticSettings/read'],
  ] as const)('%s without %s, and nothing else without it', async (method, action) => {
    grants.set('app', { contoso: configurationControl.filter((one) => one !== action) });
    const control = open('contoso');
    await expect(control[method]()).rejects.toMatchObject({
      code: 'forbidden',
      hint: expect.stringContaining(action),
    });
    for (const other of ['settings', 'roleAssignments', 'diagnosticSettings'] as const)
      if (other !== method) await control[other]();
    expect(configurationControl).toContain(action);
  });

  test('a vault that is not there, or not ours to see, is forbidden or not found', async () => {
    await expect(open('nobody').settings()).rejects.toMatchObject({ code: 'forbidden' });
    grants.set('app', { '': configurationControl });
    await expect(open('nobody').settings()).rejects.toMatchObject({ code: 'notFound' });
  });

  test.each([
    ['a token for another cloud', { cloud: 'china' as const }],
    ['an expired token', { seconds: -60 }],
  ])('%s is no missing right', async (_, options) => {
    await expect(open('contoso', options).settings()).rejects.toMatchObject({ code: 'unreachable' });
  });

  test.each([
    [429, 'throttled'],
    [503, 'unreachable'],
    [200, 'internal'],
  ])('an answer of %i that is no list is %s, asked for once', async (status, code) => {
    arm.faults.push({ match: /diagnosticSettings$/, status, body: '{"value":"nonsense"}' });
    await expect(open('contoso').diagnosticSettings()).rejects.toMatchObject({ code });
    expect(arm.requests).toHaveLength(1);
  });

  test('a list that goes on elsewhere is not followed: the token would go along', async () => {
    const body = JSON.stringify({ value: [], nextLink: 'https://evil.example/steal' });
    arm.faults.push({ match: /roleAssignments$/, status: 200, body });
    await expect(open('contoso').roleAssignments()).rejects.toThrow(/not its own/);
  });
});
