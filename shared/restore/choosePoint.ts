/**
 * Which recovery point a request means, from nothing but the container: the newest complete one at or before a moment,
 * one by its id, or the latest. A partial one only on purpose; an expired one never.
 */
import { portablePointName, recoveryPointBlobName } from '../domain/blobNames.ts';
import { RequestRefused } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import type { IndexLine, RecoveryPoint } from '../domain/recoveryPoint.ts';
import type { RestoreRequest } from '../domain/restoreRequest.ts';
import { listPoints, readPoint, type StoredPoint } from '../engine/catalog.ts';
import type { RestoreDeps } from './deps.ts';

type ChooseDeps = Pick<RestoreDeps, 'backups' | 'events' | 'clock'>;

export async function choosePoint(request: RestoreRequest, deps: ChooseDeps): Promise<StoredPoint> {
  return request.recoveryPoint === undefined
    ? newestFitting(request, deps)
    : named(request, request.recoveryPoint, deps);
}

async function named(request: RestoreRequest, runId: string, deps: ChooseDeps): Promise<StoredPoint> {
  const stored = await readPoint(recoveryPointBlobName(request.vault, runId), deps);
  if (!stored)
    throw new RequestRefused(
      'notFound',
      `recoveryPoint: ${request.vault} has no recovery point ${runId}`,
      'List them: GET /api/vaults/{vault}/recovery-points.',
    );
  const problem = unfit(stored.point, request, deps) ?? (await lacksCopies(request, runId, deps));
  if (problem)
    throw new RequestRefused(
      'invalid',
      `recoveryPoint: ${runId} ${problem}`,
      'Choose another point, or set allowPartial if what it lacks does not matter.',
    );
  return stored;
}

async function newestFitting(request: RestoreRequest, deps: ChooseDeps): Promise<StoredPoint> {
  const entries = await listPoints(request.vault, deps);
  if (entries.length === 0)
    throw new RequestRefused(
      'notFound',
      `vault: there is no recovery point of ${request.vault}`,
      'Check the name of the vault, and that this app reads the right storage account.',
    );
  const passedOver: string[] = [];
  for (const { blob, runId } of entries.reverse()) {
    const stored = await readPoint(blob, deps);
    if (!stored || (request.at !== undefined && Date.parse(stored.point.sealedAt) > Date.parse(request.at)))
      continue;
    const problem = unfit(stored.point, request, deps) ?? (await lacksCopies(request, runId, deps));
    if (!problem) return stored;
    passedOver.push(`${runId} ${problem}`);
  }
  const moment = request.at === undefined ? '' : ` sealed at or before ${request.at}`;
  throw new RequestRefused(
    'notFound',
    `at: ${request.vault} has no fitting recovery point${moment}${passedOver.length > 0 ? ` (${passedOver.slice(0, 3).join('; ')})` : ''}`,
    'Choose a later moment, or set allowPartial to accept a partial point.',
  );
}

/** Null if the point may be restored from. */
function unfit(point: RecoveryPoint, { allowPartial }: RestoreRequest, deps: ChooseDeps): string | null {
  if (Date.parse(point.expiresAt) <= deps.clock.now().getTime()) return `expired at ${point.expiresAt}`;
  if (point.status === 'failed') return `is failed (${point.reason ?? 'no reason'})`;
  if (point.status === 'partial' && !allowPartial) return `is partial (${point.reason ?? 'no reason'})`;
  return null;
}

/** Null unless the request wants portable copies and the point has none. */
async function lacksCopies(
  { mode, vault }: RestoreRequest,
  runId: string,
  { backups }: ChooseDeps,
): Promise<string | null> {
  if (mode !== 'portable' || (await backups.facts(portablePointName(vault, runId)))) return null;
  return 'has no portable copies (yet)';
}

/** What a partial point does not have, in words. */
export const lacksOf = (point: RecoveryPoint, index: readonly IndexLine[]): string[] => [
  ...point.unlisted.map(({ kind, reason }) => `all objects of kind ${kind}: not listed (${reason})`),
  ...index
    .filter(({ outcome }) => outcome === 'failed')
    .map((line) => `${objectKey(line)}: ${line.reason ?? 'failed'}`),
];
