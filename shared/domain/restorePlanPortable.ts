/**
 * What a restore by portable copies will do to each object. Nothing is ever deleted for it: a replacement adds the
 * copy's versions on top of the ones that are there. Values of the target are not read, so a secret that is there is
 * never called the same. Pure.
 */
import { objectKey } from './objects.ts';
import { hasCopy, type PortableLine } from './portablePoint.ts';
import type { IndexLine } from './recoveryPoint.ts';
import {
  type Decision,
  decision,
  otherOfThatName,
  type RestorePolicy,
  type TargetView,
} from './restorePlan.ts';

export const sameCertificate = 'it already is the certificate that the copy holds';

export const noCopies: Decision = {
  action: 'blocked',
  why: 'the recovery point has no portable copies; they are made minutes after it, where the plan has portable',
};

export function decidePortable(
  line: IndexLine,
  copy: PortableLine | null,
  target: TargetView,
  { onConflict, allowReplace }: RestorePolicy,
): Decision {
  if (!hasCopy(copy)) return decision('blocked', whyNoCopy(copy));
  const key = objectKey(line);
  const live = target.live.get(key);
  if (live?.managed)
    return decision('conflict', `a certificate of the target owns the ${line.kind} of this name`);
  if (live && copy.x5t !== null && copy.x5t === live.x5t) return decision('skip', sameCertificate);
  const other = live ? null : otherOfThatName(line, target);
  if (other) return decision('conflict', other);
  const taken = live ? 'the target has one of this name' : 'a soft-deleted one holds the name';
  if (!live && !target.deleted.has(key)) return decision('restore', 'the name is free; its copy brings it');
  if (onConflict === 'skip') return decision('skip', `${taken}, which is left alone`);
  if (!live) return decision('conflict', `${taken}; recover or purge it`);
  if (onConflict === 'fail') return decision('conflict', taken);
  return allowReplace
    ? decision('replace', `${taken}; the copy's versions come on top of its own, which stay as its history`)
    : decision(
        'blocked',
        'the target is not configured to allow replacements (RESTORE_TARGETS, allowReplace)',
      );
}

export const whyNoCopy = (copy: PortableLine | null): string =>
  copy
    ? `it has no portable copy (${copy.outcome}): ${copy.reason ?? 'no reason'}`
    : 'it has no portable copy';
