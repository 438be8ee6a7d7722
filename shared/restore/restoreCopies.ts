/** The portable copies of a restore's recovery point; null where it has none, or request or target want none. */
import { BackupError } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import { hasCopy } from '../domain/portablePoint.ts';
import type { IndexLine } from '../domain/recoveryPoint.ts';
import type { Copies } from '../domain/restorePlan.ts';
import type { RestoreState } from '../domain/restoreState.ts';
import { readPortableIndex, readPortablePoint } from '../engine/portablePoints.ts';
import type { RestoreDeps } from './deps.ts';

interface Wanted extends Pick<RestoreState, 'request'> {
  readonly point: Pick<RestoreState['point'], 'runId' | 'sha256'>;
  /** The target takes portable copies. */
  readonly takes: boolean;
}

export async function copiesOf(
  { request, point, takes }: Wanted,
  deps: Pick<RestoreDeps, 'backups'>,
): Promise<Copies['lines']> {
  if (request.mode === 'native' || !takes) return null;
  const sealed = await readPortablePoint(request.vault, point.runId, deps);
  if (!sealed) return null;
  if (sealed.point.recoveryPoint.sha256 !== point.sha256)
    throw new BackupError(
      'corruptBlob',
      `the portable copies of ${point.runId} are of another recovery point`,
      {
        hint: 'Somebody changed the container. Choose another recovery point, and find out who.',
      },
    );
  return readPortableIndex(sealed.point, deps);
}

/** Whether a line of the point can be brought back by its copy. */
export const inCopies =
  (copies: Copies['lines']) =>
  (line: IndexLine): boolean =>
    hasCopy(copies?.get(objectKey(line)));
