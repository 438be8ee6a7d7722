/** What GET /api/verifications/{id} shows: the record once there is one, until then how far it is. Calls no vault. */
import { verificationIdShape, verificationRecordName } from '../domain/blobNames.ts';
import type { VerificationProgress, VerificationRecord } from '../domain/verification.ts';
import { readVerification } from '../engine/verifications.ts';
import type { VerifyDeps } from './deps.ts';
import { openParts, readVerifyState } from './verifyStore.ts';

export async function verificationDetail(
  id: string,
  deps: Pick<VerifyDeps, 'audit' | 'state'>,
): Promise<VerificationRecord | VerificationProgress | null> {
  if (!verificationIdShape.test(id)) return null;
  const record = await readVerification(verificationRecordName(id), deps);
  if (record) return record;
  const found = await readVerifyState(id, deps);
  if (!found) return null;
  const { vault, scope, recoveryPoint, startedAt, deadline, parts, planId } = found.verification;
  const open = planId === null ? null : await openParts(found.verification, deps);
  return {
    id,
    vault,
    scope,
    recoveryPoint,
    startedAt,
    status: 'running',
    deadline,
    parts: open && { planned: parts, done: parts - open.length },
  };
}
