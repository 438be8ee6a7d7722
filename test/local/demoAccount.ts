/** Holds a recovery point to what is really there: the vault's own objects, the stored files, the vault's own count. */
import { createHash } from 'node:crypto';
import type { IndexLine, RecoveryPoint } from '../../shared/domain/recoveryPoint.ts';
import { demand } from './demoHttp.ts';
import { sourceVault } from './demoStack.ts';
import type { VaultTraffic } from './demoTraffic.ts';
import type { Stack } from './stack.ts';

export interface Census {
  readonly listed: number;
  /** What a certificate owns travels with it and has no file of its own. */
  readonly managed: number;
}

/** What the emulator holds, which is what a complete run has to account for. */
export function censusOf({ emulator }: Stack): Census {
  const { secrets, keys, certificates } = emulator.control.objects(sourceVault);
  const all = [...secrets, ...keys, ...certificates];
  return {
    listed: all.length,
    managed: all.filter(({ managed }) => managed).length,
  };
}

/** Returns what held, in words. */
export function checkAccounting(
  point: RecoveryPoint,
  census: Census,
  lines: readonly IndexLine[],
  traffic: VaultTraffic,
): string[] {
  const { listed, stored, skipped } = point.counts;
  const failures = lines.filter(({ outcome }) => outcome === 'failed');
  demand(
    point.status === 'complete',
    `the recovery point is ${point.status}: ${point.reason ?? failures.map(({ name, reason }) => `${name} ${reason}`).join('; ')}`,
  );
  demand(
    listed === census.listed && lines.length === census.listed,
    `the vault holds ${census.listed} objects; the point counts ${listed}, its index ${lines.length}`,
  );
  demand(
    stored === census.listed - census.managed && skipped === census.managed,
    `${census.managed} of ${census.listed} objects belong to certificates; the point has ${stored} stored, ${skipped} skipped`,
  );
  demand(
    point.requests.vault === traffic.calls && point.requests.throttled === traffic.throttled,
    `the point tells of ${point.requests.vault} requests and ${point.requests.throttled} 429s; the vault saw ${traffic.calls} and ${traffic.throttled}`,
  );
  for (const { name, peak, allowed } of traffic.budgets) {
    // Calls leave evenly spaced. They are counted where they arrive, on a busy machine up to two seconds late, so that
    // those of twelve seconds can fall into a window of ten.
    demand(peak <= allowed * 1.2 + 1, `${peak} requests for ${name} in 10 s; ${allowed} are allowed`);
  }
  return [
    `accounted for: ${listed} listed = ${stored} stored + ${skipped} skipped, as the vault holds them`,
    'request counts as the vault saw them; no 10 s passed a budget by more than one call of jitter',
  ];
}

/** Reads every file back. Returns what held, in words. */
export async function checkFiles(
  stack: Stack,
  lines: readonly IndexLine[],
  point: RecoveryPoint,
): Promise<string> {
  const container = stack.container('backups');
  const stored = lines.filter(({ outcome }) => outcome === 'stored');
  await Promise.all(
    stored.map(async ({ name, blob, sha256 }) => {
      const bytes = await container.getBlobClient(blob ?? '').downloadToBuffer();
      const found = createHash('sha256').update(bytes).digest('hex');
      demand(found === sha256, `the file of ${name} has the digest ${found}, its line ${sha256}`);
    }),
  );
  let files = 0;
  for await (const _ of container.listBlobsFlat({ prefix: `${point.vault}/runs/${point.runId}/` }))
    files += 1;
  // The index lies with them.
  demand(files === stored.length + 1, `${files - 1} files lie there, but the index names ${stored.length}`);
  return `all ${stored.length} files read back: each has the SHA-256 of its line, and there is no other file`;
}
