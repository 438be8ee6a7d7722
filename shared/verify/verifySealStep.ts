/** Writes the record, which the next run and the next verification read, and says how it ended. */
import { verificationRecordName } from '../domain/blobNames.ts';
import { factsOf, findingKey, type VerificationRecord } from '../domain/verification.ts';
import type { PartResult, PlanNotes, VerifyState } from '../domain/verifyState.ts';
import { readVerification } from '../engine/verifications.ts';
import type { VerifyDeps, VerifyStepOf } from './deps.ts';
import { readNotes, readResults } from './verifyStore.ts';

export const verifySealStep: VerifyStepOf = async (verification, deps) => {
  const name = verificationRecordName(verification.id);
  if (!(await deps.audit.facts(name))) {
    const notes = await readNotes(verification, deps);
    const record = recordOf(verification, notes, await readResults(verification, deps), deps);
    const bytes = Buffer.from(JSON.stringify(record), 'utf8');
    await deps.audit.create(name, { bytes, contentType: 'application/json', metadata: factsOf(record) });
  }
  // Created or not, what counts is what lies there now.
  const record = await readVerification(name, deps);
  if (record) announce(record, deps);
  return { state: { ...verification, step: 'ended' }, delayMs: 0, ended: true };
};

function recordOf(
  { id, vault, scope, recoveryPoint, requestedBy, startedAt }: VerifyState,
  notes: PlanNotes | null,
  results: readonly PartResult[],
  deps: VerifyDeps,
): VerificationRecord {
  const { findings: ofPoints = [], known = [], toCheck = null, ...seen } = notes ?? {};
  const earlier = new Set(known);
  const findings = [...ofPoints, ...results.flatMap((result) => result.findings)]
    .map((found) => ({ ...found, known: earlier.has(findingKey(found)) }))
    .sort((a, b) => (a.blob < b.blob ? -1 : 1));
  const checked = results.reduce((sum, result) => sum + result.checked, 0);
  const unchecked = toCheck === null ? null : toCheck - checked;
  const trouble = results.flatMap((result) => result.trouble ?? []);
  const status = findings.length > 0 ? 'failed' : unchecked === 0 ? 'sound' : 'incomplete';
  return {
    format: 1,
    id,
    app: deps.settings.appVersion,
    vault,
    scope,
    recoveryPoint,
    requestedBy,
    startedAt,
    endedAt: deps.clock.now().toISOString(),
    status,
    reason: reasonOf(
      findings.map(({ reason }) => reason),
      unchecked,
      trouble,
    ),
    verifyEveryDays: deps.settings.verifyEveryDays,
    ...seen,
    checked,
    bytes: results.reduce((sum, result) => sum + result.bytes, 0),
    unchecked,
    findings,
  };
}

const mostReasons = 3;

function reasonOf(
  found: readonly string[],
  unchecked: number | null,
  trouble: readonly string[],
): string | null {
  const more = found.length > mostReasons ? [`and ${found.length - mostReasons} more`] : [];
  const left =
    unchecked === null
      ? ['the recovery points could not be read before the deadline']
      : unchecked > 0
        ? [`${unchecked} blobs were not checked${trouble[0] ? `: ${trouble[0]}` : ' before the deadline'}`]
        : [];
  const all = [...found.slice(0, mostReasons), ...more, ...left];
  return all.length > 0 ? all.join('; ') : null;
}

/** Damage in immutable storage stays: what is known already does not raise the alarm every day. */
function announce(record: VerificationRecord, deps: VerifyDeps): void {
  const known = record.findings.filter((found) => found.known).length;
  const isNews = record.findings.length > known || record.unchecked !== 0;
  const { superseded = 0, unsealed = 0, stranger = 0 } = record.unnamed ?? {};
  deps.events.emit(isNews ? 'verification.failed' : 'verification.ended', {
    id: record.id,
    vault: record.vault,
    scope: record.scope,
    status: record.status,
    reason: record.reason,
    findings: record.findings.length,
    known,
    checked: record.checked,
    unchecked: record.unchecked,
    bytes: record.bytes,
    superseded,
    unsealed,
    strangers: stranger,
    seconds: Math.round((Date.parse(record.endedAt) - Date.parse(record.startedAt)) / 1000),
  });
}
