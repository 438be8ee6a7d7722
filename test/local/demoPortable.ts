/**
 * Portable copies as an operator meets them: made of the recovery point by an app of its own, refused natively abroad,
 * and brought back there by copies whose content keys the recipient's vault unwraps. What arrived is held against the
 * source, seen from inside the emulator.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { PortableLine, PortablePoint } from '../../shared/domain/portablePoint.ts';
import type { RestoreDetail } from '../../shared/domain/restoreViews.ts';
import type { VaultObjects } from '../emulator/emulator.ts';
import { DemoFailure, demand, requestRestore, restoreOf } from './demoHttp.ts';
import { restoreApi } from './demoRecover.ts';
import { abroadVault, sourceVault } from './demoStack.ts';
import type { Stack } from './stack.ts';

const lookEveryMs = 200;
const endsWithinMs = 60_000;

async function ended<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (const until = Date.now() + endsWithinMs; Date.now() < until; await sleep(lookEveryMs)) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new DemoFailure(`${what} did not end within ${endsWithinMs / 1000} s`);
}

export interface DemoCopies {
  readonly copies: PortablePoint;
  readonly objects: readonly PortableLine[];
}

/** Asked for, so as not to wait for the timer's next look. */
export async function makeCopies({ portableHost }: Stack, runId: string): Promise<DemoCopies> {
  demand(portableHost !== null, 'the portable app does not run');
  const api = `${portableHost.url}/api`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ vault: sourceVault });
  const asked = await fetch(`${api}/portable-copies`, { method: 'POST', headers, body });
  demand(asked.status === 202, `POST /portable-copies answered ${asked.status}: ${await asked.text()}`);
  const made = await ended('the portable copies', async () => {
    const answer = await fetch(`${api}/vaults/${sourceVault}/portable-copies/${runId}`);
    return answer.ok ? ((await answer.json()) as DemoCopies) : null;
  });
  const { status, reason } = made.copies;
  demand(status === 'complete', `the portable copies are ${status}: ${reason ?? 'no reason'}`);
  return made;
}

export const copiesText = ({ copies: { counts } }: DemoCopies): string =>
  `${counts.stored} objects copied; ${counts.notExportable} never leave their vault, ${counts.disabled} disabled ones nobody can read`;

async function restored(stack: Stack, mode: 'native' | 'auto', dryRun: boolean): Promise<RestoreDetail> {
  const request = { vault: sourceVault, objects: ['**'], target: abroadVault, mode, dryRun };
  const reason = 'leaving the geography';
  const id = await requestRestore(restoreApi(stack), { ...request, reason });
  return ended(`restore ${id}`, async () => {
    const restore = await restoreOf(restoreApi(stack), id);
    return restore.status === 'running' ? null : restore;
  });
}

/** Returns what held, in words. */
export async function goAbroad(stack: Stack, { copies }: DemoCopies): Promise<string[]> {
  const native = await restored(stack, 'native', true);
  const refused = native.objects.filter(({ why }) => why.startsWith('wrongGeography'));
  demand(
    refused.length > 0 && refused.length === native.objects.length,
    `${refused.length} of ${native.objects.length} objects are refused natively`,
  );
  const { objects } = await restored(stack, 'auto', false);
  const [back, left] = [true, false].map((is) =>
    objects.filter((one) => (one.outcome === 'restored') === is),
  );
  const { stored = 0, notExportable = 0, disabled = 0 } = copies.counts;
  demand(back?.length === stored, `${back?.length} objects arrived, not ${stored}`);
  demand(
    left?.length === notExportable + disabled &&
      left.every(({ outcome, why }) => outcome === 'blocked' && why),
    `${left?.length} objects were left behind, not each of them with a reason`,
  );
  const { control } = stack.emulator;
  const same = checkCurrent(control.objects(sourceVault), control.objects(abroadVault));
  demand(same === stored, `${same} of ${stored} objects are the same`);
  return [
    `Key Vault's own files are refused there: wrongGeography, all ${refused.length}`,
    `${same} objects came by their copies, values, private keys and attributes the same`,
    `${left.length} were left behind, each with its reason`,
  ];
}

type Secret = VaultObjects['secrets'][number];
type Certificate = VaultObjects['certificates'][number];

const secretFacts = ({ versions }: Secret) => {
  const { value, contentType, tags, enabled, nbf, exp } = versions.at(-1) ?? {};
  return { value, contentType, tags: tags ?? {}, enabled, nbf, exp };
};
const thumbprintOf = ({ versions }: Certificate) =>
  createHash('sha1')
    .update(Buffer.from(versions.at(-1)?.cer ?? '', 'base64'))
    .digest('hex');

/** How many objects came; each must be what the source holds. */
function checkCurrent(before: VaultObjects, after: VaultObjects): number {
  const owned = new Set(after.certificates.map(({ name }) => name));
  const secrets = after.secrets.filter(({ name }) => !owned.has(name));
  for (const secret of secrets) {
    const original = before.secrets.find(({ name }) => name === secret.name);
    demand(
      original !== undefined && isDeepStrictEqual(secretFacts(secret), secretFacts(original)),
      `secret ${secret.name} in ${abroadVault} is not what ${sourceVault} holds`,
    );
  }
  for (const certificate of after.certificates) {
    const original = before.certificates.find(({ name }) => name === certificate.name);
    demand(
      original !== undefined && thumbprintOf(certificate) === thumbprintOf(original),
      `certificate ${certificate.name} in ${abroadVault} is not what ${sourceVault} holds`,
    );
  }
  return secrets.length + after.certificates.length;
}
