/**
 * Reads the recovery point again, the newest earlier copies and the recipients' public keys, and decides per object.
 * Without every recipient nothing is copied: a copy that one of them cannot open would only show on the worst night.
 */
import { recoveryPointBlobName } from '../domain/blobNames.ts';
import { asBackupError, BackupError, NotNow } from '../domain/errors.ts';
import { objectKey } from '../domain/objects.ts';
import { planPortable } from '../domain/portableDecide.ts';
import type { PortablePlan, Recipient } from '../domain/portablePlan.ts';
import { emptyLine, type PortableLine } from '../domain/portablePoint.ts';
import type { PortableState } from '../domain/portableState.ts';
import type { IndexLine } from '../domain/recoveryPoint.ts';
import { matcherOf } from '../domain/selection.ts';
import type { StepResult } from '../engine/advance.ts';
import { readIndex, readPoint } from '../engine/catalog.ts';
import { portablePointBefore, readPortableIndex } from '../engine/portablePoints.ts';
import type { PortableDeps, PortableStepOf } from './deps.ts';
import { writePortablePlan } from './portableStore.ts';

const mostTries = 20;
const longestWaitMs = 60_000;

export const portablePlanStep: PortableStepOf = async (state, deps) => {
  try {
    const plan = planOf(state.vault, deps);
    const recipients: Recipient[] = [];
    for (const one of plan.recipients)
      recipients.push(typeof one === 'string' ? await deps.recipientKey(one) : one);
    const index = await readThatPoint(state, deps);
    const base = await baseFor(state, recipients, plan, deps);
    const { settled, work } = planPortable(index, {
      isIncluded: matcherOf(plan),
      ...base,
      now: deps.clock.now(),
      fullEveryDays: deps.settings.fullEveryDays,
    });
    const planId = deps.newId();
    const pending = await pendingLines(state.vault, index, deps);
    await writePortablePlan(state, planId, { settled: [...settled, ...pending], work }, deps);
    const planned = {
      ...state,
      reason: null,
      planId,
      recipients,
      versions: plan.versions,
      work: work.length,
    };
    return { state: { ...planned, step: 'copy' }, delayMs: 0 };
  } catch (error) {
    return later(state, error);
  }
};

function planOf(vault: string, deps: PortableDeps): PortablePlan {
  const home = deps.homes.find((one) => one.vault.name === vault);
  if (home) return home.plan.portable;
  throw new BackupError('invalid', `no plan wants portable copies of ${vault} any more`);
}

async function readThatPoint(state: PortableState, deps: PortableDeps): Promise<IndexLine[]> {
  const stored = await readPoint(recoveryPointBlobName(state.vault, state.runId), deps);
  if (stored?.sha256 === state.sha256) return readIndex(stored.point, deps);
  throw new BackupError('corruptBlob', `the recovery point ${state.runId} is not what it was any more`, {
    hint: 'Somebody changed the container: find out who.',
  });
}

async function baseFor(
  state: PortableState,
  recipients: readonly Recipient[],
  { versions }: PortablePlan,
  deps: PortableDeps,
): Promise<{ base: ReadonlyMap<string, PortableLine>; earlier: ReadonlyMap<string, PortableLine> }> {
  const before = await portablePointBefore(state.vault, state.runId, deps);
  const earlier = before ? await readPortableIndex(before.point, deps).catch(() => new Map()) : new Map();
  const kids = recipients.map(({ kid }) => kid);
  const isSame =
    before?.point.versions === versions && JSON.stringify(before.point.recipients) === JSON.stringify(kids);
  return { base: isSame ? earlier : new Map(), earlier };
}

/** Certificates that were never issued stand in no recovery point; that they cannot travel is told all the same. */
async function pendingLines(
  vault: string,
  index: readonly IndexLine[],
  deps: PortableDeps,
): Promise<PortableLine[]> {
  const known = new Set(index.map(objectKey));
  const lines: PortableLine[] = [];
  const { patientCalls } = deps.vaultOf(vault);
  for (let next: string | null = null, pages = 0; pages === 0 || next !== null; pages += 1) {
    const page = await patientCalls.certificatesPage(next);
    for (const name of page.names) {
      const ref = { kind: 'certificate' as const, name };
      if (!known.has(objectKey(ref)))
        lines.push({ ...emptyLine, ...ref, outcome: 'pending', reason: 'it has not been issued yet' });
    }
    next = page.next;
  }
  return lines;
}

/** Back with growing waits; what will not pass by itself, or too many tries, ends it as failed. */
function later(state: PortableState, error: unknown): StepResult<PortableState> {
  const known = error instanceof NotNow ? error : asBackupError(error);
  const planTries = state.planTries + 1;
  const reason = known instanceof NotNow ? known.message : `${known.code}: ${known.message}. ${known.hint}`;
  const hopeless =
    known instanceof BackupError && ['forbidden', 'invalid', 'corruptBlob', 'notFound'].includes(known.code);
  if (hopeless || planTries >= mostTries)
    return { state: { ...state, planTries, reason, step: 'seal' }, delayMs: 0 };
  const waitMs =
    known instanceof NotNow ? known.delayMs : Math.min(longestWaitMs, 1000 * 2 ** state.planTries);
  return { state: { ...state, planTries, reason }, delayMs: Math.max(1000, waitMs) };
}
