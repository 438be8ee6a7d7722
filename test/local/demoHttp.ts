/** The service's HTTP interface as the demo uses it, and the failure that ends a demo with a sentence. */
import type { RunProgress, VaultOverview } from '../../shared/backup/status.ts';
import type { IndexLine, RecoveryPoint } from '../../shared/domain/recoveryPoint.ts';

/** Something that the demo promises did not hold. */
export class DemoFailure extends Error {}

export function demand(held: boolean, otherwise: string): asserts held {
  if (!held) throw new DemoFailure(otherwise);
}

async function get(url: string): Promise<unknown> {
  const response = await fetch(url);
  const body = await response.text();
  demand(response.ok, `GET ${url} answered ${response.status}: ${body}`);
  return JSON.parse(body);
}

/** The admin call of an operator: answers at once, and the function runs. */
export async function fireTimer(admin: string, functionName: string): Promise<void> {
  const response = await fetch(`${admin}/admin/functions/${functionName}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  demand(response.status === 202, `firing ${functionName} answered ${response.status} instead of 202`);
}

export async function vaultOverview(api: string, vault: string): Promise<VaultOverview> {
  const { vaults } = (await get(`${api}/vaults`)) as { vaults: VaultOverview[] };
  const found = vaults.find((one) => one.vault === vault);
  demand(found !== undefined, `GET ${api}/vaults does not name ${vault}`);
  return found;
}

export const runOf = async (api: string, vault: string, runId: string) =>
  (await get(`${api}/backups/${vault}/${runId}`)) as RunProgress | RecoveryPoint;

export async function objectsOf(api: string, vault: string, runId: string): Promise<IndexLine[]> {
  const url = `${api}/vaults/${vault}/recovery-points/${runId}/objects`;
  return ((await get(url)) as { objects: IndexLine[] }).objects;
}
