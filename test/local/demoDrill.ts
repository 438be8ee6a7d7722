/** A restore drill, asked for over HTTP as the plan's timer would: a sample into the scratch vault, and out of it again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DrillRecord } from '../../shared/domain/drill.ts';
import { DemoFailure, demand } from './demoHttp.ts';
import { restoreApi } from './demoRecover.ts';
import { scratchVault, sourceVault } from './demoStack.ts';
import { shownSecret } from './seedMix.ts';
import type { Stack } from './stack.ts';

const lookEveryMs = 200;
const endsWithinMs = 60_000;

async function ended(api: string, id: string): Promise<DrillRecord> {
  for (const until = Date.now() + endsWithinMs; Date.now() < until; await sleep(lookEveryMs)) {
    const answer = await fetch(`${api}/drills/${sourceVault}`);
    const { drills } = (await answer.json()) as { drills: DrillRecord[] };
    const found = drills.find((record) => record.id === id);
    if (found) return found;
  }
  throw new DemoFailure(`drill ${id} did not end within ${endsWithinMs / 1000} s`);
}

/** Returns what held, in words. */
export async function drill(stack: Stack): Promise<string[]> {
  const api = restoreApi(stack);
  const answer = await fetch(`${api}/drills`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ vault: sourceVault }),
  });
  const text = await answer.text();
  demand(answer.status === 202, `POST /drills answered ${answer.status}: ${text}`);
  const { id } = JSON.parse(text) as { id: string };
  const record = await ended(api, id);
  demand(record.status === 'complete', `the drill failed: ${record.reason ?? 'no reason'}`);
  const left = stack.emulator.control.objects(scratchVault);
  const count = left.secrets.length + left.keys.length + left.certificates.length;
  demand(count === 0, `${count} objects are left in ${scratchVault}`);
  return [
    `  ok  ${record.objects} objects, the canary secrets/${shownSecret} among them, restored and compared`,
    `  ok  deleted and purged again: ${scratchVault} holds nothing`,
    '',
    `  RTO           ${record.rtoSeconds?.toFixed(1)} s from the beginning to the last object restored and compared`,
    `  RPO           ${record.rpoSeconds} s: that old was the data of recovery point ${record.recoveryPoint}`,
    `  record        audit/drills/${sourceVault}/${id}/{started,ended}.json`,
  ];
}
