/**
 * The settings of vaults themselves, end to end: a run records them in WORM with the rights that infra/ gives, the restore
 * app looks at its target, and what differs comes with commands. A missing right or a control plane that is away costs a
 * part of the record, never the run.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VaultConfig } from '../../shared/domain/vaultConfig.ts';
import { bare, everything } from '../local/armVaultExample.ts';
import { startArmVaults, vaultId } from '../local/armVaults.ts';
import { configurationActions, configurationControl } from '../local/grants.ts';
import { type E2e, type Point, startE2e, waitFor } from './harness.ts';
import { unusedActions } from './rights.ts';

const [vault, target] = ['contoso-settings', 'contoso-settings-dr'] as const;
const ofSource = everything(vault);
const grants = new Map<string, Record<string, readonly string[]>>();
let arm: Awaited<ReturnType<typeof startArmVaults>>;
let e2e: E2e;

const allGranted = () => {
  grants.set('backup', { [vault]: configurationControl });
  grants.set('restore', { [target]: configurationControl });
};

beforeAll(async () => {
  allGranted();
  e2e = await startE2e({
    vaults: { [vault]: {}, [target]: {} },
    stack: {
      controlPlane: async (tls) =>
        (arm = await startArmVaults({ tls, vaults: [ofSource, bare(target)], grants })),
      plans: (vaults) => [
        {
          name: vault,
          schedule: '0 0 2 * * *',
          vaults: vaults
            .filter(({ name }) => name === vault)
            .map(({ name, url }) => ({ name, url, resourceId: vaultId(name) })),
          justification: 'an end-to-end test of the service',
        },
      ],
      restoreTargets: (vaults) => ({
        [vault]: vaults
          .filter(({ name }) => name === target)
          .map(({ name, url }) => ({ name, url, resourceId: vaultId(name) })),
      }),
    },
  });
  const { seed } = e2e.stack.emulator.control;
  seed.secret(vault, { name: 'db-password', value: 'hunter2' });
  const rotate = { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Rotate' as const } };
  await seed.key(vault, {
    name: 'signing',
    kty: 'RSA',
    rotationPolicy: { lifetimeActions: [rotate], expiryTime: 'P90D' },
  });
  await e2e.operator(vault).certificates.createIssuer('digicert', 'DigiCert', {
    accountId: 'our-account',
    password: 'our-password',
  });
});
afterAll(() => e2e?.stop());

const recordOf = (id: string) => `${vault}/config/${id}.json`;
async function textOf(name: string): Promise<string> {
  return (await e2e.stack.container('backups').getBlobClient(name).downloadToBuffer()).toString('utf8');
}

/** Its point, after its record was taken. */
async function night(): Promise<Point> {
  const before = (await e2e.points(vault)).length;
  expect((await e2e.call('POST', 'backups', { vault })).status).toBe(202);
  await waitFor(async () => (await e2e.points(vault)).length > before);
  const point = await e2e.waitForPoint(vault);
  await waitFor(async () => e2e.events('configuration.taken').some(({ id }) => id === point.runId));
  return point;
}

let first: Point;

describe('a run', () => {
  test('records the settings beside the backups, under its own id', async () => {
    first = await night();
    expect(first.status).toBe('complete');
    const text = await textOf(recordOf(first.runId));
    const record = JSON.parse(text) as VaultConfig;
    expect(record).toMatchObject({
      format: 1,
      vault,
      resourceId: vaultId(vault),
      settings: { sku: 'premium', purgeProtection: true, networkDefaultAction: 'Deny' },
      issuers: [{ name: 'digicert', provider: 'DigiCert' }],
      gaps: [],
    });
    expect(record.roleAssignments).toHaveLength(3);
    expect(record.diagnosticSettings).toHaveLength(2);
    expect(record.rotationPolicies).toMatchObject([{ key: 'signing', policy: { expiryTime: 'P90D' } }]);
    expect(text).not.toMatch(/our-account|our-password|hunter2/);
    expect(e2e.events('configuration.taken')).toMatchObject([{ vault, id: first.runId, gaps: null }]);
  });

  test('leaves a record that nobody can change', async () => {
    const blob = e2e.stack.container('backups').getBlockBlobClient(recordOf(first.runId));
    await expect(blob.upload('{}', 2)).rejects.toMatchObject({ statusCode: 409 });
    await expect(blob.delete()).rejects.toMatchObject({ statusCode: 409 });
  });

  test('uses the configuration role, all of it, and only reads', () => {
    expect(unusedActions(e2e.stack, 'backup', configurationActions)).toEqual([]);
    const read = arm.requests
      .filter(({ status }) => status === 200)
      .map(({ path }) => path.replace(vaultId(vault), ''));
    expect(new Set(read)).toEqual(
      new Set([
        '',
        '/providers/Microsoft.Authorization/roleAssignments',
        '/providers/Microsoft.Insights/diagnosticSettings',
      ]),
    );
    expect(new Set(arm.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  test('is complete although the control plane refuses, and the record says what is missing', async () => {
    grants.set('backup', { [vault]: configurationControl.filter((one) => !one.includes('roleAssignments')) });
    const point = await night();
    allGranted();
    expect(point.status).toBe('complete');
    const record = JSON.parse(await textOf(recordOf(point.runId))) as VaultConfig;
    expect([record.roleAssignments, record.settings?.sku]).toEqual([null, 'premium']);
    expect(record.gaps).toEqual([
      {
        part: 'roleAssignments',
        reason: expect.stringContaining('Microsoft.Authorization/roleAssignments/read'),
      },
    ]);
    expect(e2e.events('configuration.taken').at(-1)).toMatchObject({
      id: point.runId,
      gaps: 'roleAssignments',
    });
  });

  test('is complete although the control plane is away, and the record has the rest after the last delivery', async () => {
    arm.faults.push({
      match: /vaults/,
      status: 503,
      body: '{"error":{"code":"ServerBusy","message":"busy"}}',
    });
    const point = await night();
    arm.faults.length = 0;
    expect(point.status).toBe('complete');
    const record = JSON.parse(await textOf(recordOf(point.runId))) as VaultConfig;
    expect(record.settings).toBeNull();
    expect(record.gaps.map(({ part }) => part)).toEqual([
      'settings',
      'roleAssignments',
      'diagnosticSettings',
    ]);
    expect(record.issuers).toHaveLength(1);
  });
});

describe('what differs', () => {
  test('between two moments of a vault, with the command that would set it back', async () => {
    ofSource.properties['networkAcls'] = { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [] };
    const point = await night();
    expect(e2e.events('configuration.changed').at(-1)).toMatchObject({
      id: point.runId,
      settings: expect.stringContaining('network default action'),
    });
    const query = `from=${first.runId}&to=${point.runId}`;
    const { status, body } = await e2e.call('GET', `vaults/${vault}/configuration/diff?${query}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ source: { id: first.runId }, target: { id: point.runId, gaps: [] } });
    const rows = body['rows'] as { setting: string; command: string | null; removes: boolean }[];
    expect(rows.find(({ setting }) => setting === 'network default action')).toMatchObject({
      source: 'Deny',
      target: 'Allow',
      change: 'differs',
      command: `az keyvault update --name ${vault} --resource-group rg-kv --subscription ${vaultId(vault).split('/')[2]} --default-action Deny`,
    });
    expect(rows.map(({ setting }) => setting)).toEqual([
      'certificate contacts',
      'network rule 203.0.113.7/32',
      expect.stringMatching(/^network rule .*subnets\/apps$/),
      'network bypass',
      'network default action',
    ]);
  });

  test('from a target, at which the restore app looks when it is asked', async () => {
    const asked = await e2e.callRestore('POST', 'configurations', { vault: target });
    expect(asked.status).toBe(202);
    const { id } = asked.body;
    const seen = await waitFor(async () => {
      const answer = await e2e.callRestore('GET', `vaults/${target}/configuration?at=${String(id)}`);
      return answer.status === 200 && answer.body;
    });
    expect(seen).toMatchObject({
      id,
      configuration: { vault: target, settings: { sku: 'standard' }, gaps: [] },
    });
    const { status, body } = await e2e.callRestore(
      'GET',
      `vaults/${vault}/configuration/diff?from=${first.runId}&against=${target}`,
    );
    expect(status).toBe(200);
    const rows = body['rows'] as { setting: string; command: string | null }[];
    const told = Object.fromEntries(rows.map(({ setting, command }) => [setting, command]));
    expect(told['sku']).toContain(`--name ${target}`);
    expect(told['purge protection']).toContain('--enable-purge-protection true');
    expect(told['issuer digicert']).toContain(`--vault-name ${target} --issuer-name digicert`);
    expect(told['rotation policy signing']).toContain('P90D');
    expect(told['diagnostic setting audit']).toContain(`--resource ${vaultId(target)}`);
    expect(unusedActions(e2e.stack, 'restore', configurationActions)).toEqual([]);
  });

  test('is refused by the app that does not call the vault, and for what was never recorded', async () => {
    expect((await e2e.call('POST', 'configurations', { vault: target })).status).toBe(404);
    expect((await e2e.callRestore('POST', 'configurations', { vault })).status).toBe(404);
    expect((await e2e.call('GET', `vaults/${vault}/configuration?at=yesterday`)).status).toBe(400);
    const nobody = await e2e.call('GET', `vaults/${vault}/configuration/diff?against=nobody`);
    expect([nobody.status, nobody.body['detail']]).toEqual([404, expect.stringContaining('against')]);
  });
});

test('a verification takes no record for a stranger', async () => {
  const { status, body } = await e2e.call('POST', 'verifications', { vault });
  expect(status).toBe(202);
  const record = await waitFor(async () => {
    const answer = await e2e.call('GET', `verifications/${String(body['id'])}`);
    return answer.body['status'] !== 'running' && answer.body;
  });
  expect(record).toMatchObject({ status: 'sound', unnamed: { stranger: 0 } });
});
