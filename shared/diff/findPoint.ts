/**
 * The recovery point that a caller means: a run id, `latest`, or an instant, which is the newest point sealed at or before
 * it. Failed points know nothing, so they are passed over, and refused by name.
 */
import { recoveryPointBlobName } from '../domain/blobNames.ts';
import { RequestRefused } from '../domain/errors.ts';
import { instantOf } from '../domain/runId.ts';
import { type CatalogDeps, listPoints, readPoint, type StoredPoint } from '../engine/catalog.ts';

export async function findPoint(
  vault: string,
  wanted: string,
  field: string,
  deps: CatalogDeps,
): Promise<StoredPoint> {
  const latest = wanted.toLowerCase() === 'latest';
  const at = latest || instantOf(wanted) ? null : Date.parse(wanted);
  if (at !== null && (Number.isNaN(at) || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(wanted)))
    throw new RequestRefused(
      'invalid',
      `${field}: "${wanted}" is no recovery point`,
      'Write a run id such as 20261122T020000Z, an instant such as 2026-11-22T05:00:00Z, or latest.',
    );
  const stored = at === null && !latest ? await named(vault, wanted, deps) : await newest(vault, at, deps);
  if (!stored)
    throw new RequestRefused(
      'notFound',
      `${field}: ${vault} has no recovery point ${at === null ? wanted : `sealed at or before ${wanted}`}`,
      `List them: GET /api/vaults/${vault}/recovery-points.`,
    );
  if (stored.point.status === 'failed')
    throw new RequestRefused(
      'invalid',
      `${field}: recovery point ${stored.point.runId} is failed and says nothing of the vault (${stored.point.reason ?? 'no reason'})`,
      'Choose another one.',
    );
  return stored;
}

const named = (vault: string, runId: string, deps: CatalogDeps) =>
  readPoint(recoveryPointBlobName(vault, runId), deps);

async function newest(vault: string, at: number | null, deps: CatalogDeps): Promise<StoredPoint | null> {
  const usable = (await listPoints(vault, deps)).filter(({ status }) => status !== 'failed');
  for (const { blob } of usable.reverse()) {
    const stored = await readPoint(blob, deps);
    if (stored && (at === null || Date.parse(stored.point.sealedAt) <= at)) return stored;
  }
  return null;
}
