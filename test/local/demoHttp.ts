/** The service's HTTP interface as the demo uses it, and the failure that ends a demo with a sentence. */
import type { IndexLine, RecoveryPoint } from '../../shared/domain/recoveryPoint.ts';
import type { RestoreDetail } from '../../shared/domain/restoreViews.ts';
import type { RunProgress } from '../../shared/domain/runProgress.ts';
import type { VaultOverview } from '../../shared/domain/vaultOverview.ts';

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

/** Resolves with the restore's id. */
export async function requestRestore(api: string, body: object): Promise<string> {
  const response = await fetch(`${api}/restores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  demand(response.status === 202, `POST ${api}/restores answered ${response.status}: ${text}`);
  return (JSON.parse(text) as { id: string }).id;
}

export const restoreOf = async (api: string, id: string) =>
  (await get(`${api}/restores/${id}`)) as RestoreDetail;
