/** Sends one job per part of the plan, spread over time; then waits for their results (engine/settling.ts). */
import type { VerifyState } from '../domain/verifyState.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import { settleLook } from '../engine/settling.ts';
import type { VerifyDeps, VerifyStepOf } from './deps.ts';
import { openParts } from './verifyStore.ts';

const sendsAtOnce = 16;
/** A hundred blobs per second and vault: storage and this app have other work. */
const msPerPart = 2_000;

export const verifyCheckStep: VerifyStepOf = async (verification, deps) => {
  const throughMs = await enqueue(verification, await openParts(verification, deps), deps);
  const progressAt = new Date(deps.clock.now().getTime() + throughMs).toISOString();
  const settling = { missing: null, progressAt, rounds: 0, looks: 0 };
  return { state: { ...verification, step: 'settle', settling }, delayMs: throughMs };
};

export const verifySettleStep: VerifyStepOf = async (verification, deps) => {
  const open = await openParts(verification, deps);
  if (open.length === 0) return { state: { ...verification, step: 'seal' }, delayMs: 0 };
  const look = settleLook({
    settling: verification.settling,
    missing: open.length,
    pausedMs: 0,
    throughMs: 0,
    now: deps.clock.now(),
    leaseMs: deps.settings.messageLeaseMs,
  });
  if (look.verdict === 'wait')
    return { state: { ...verification, settling: look.settling }, delayMs: look.delayMs };
  if (look.verdict === 'giveUp')
    return { state: { ...verification, settling: look.settling, step: 'seal' }, delayMs: 0 };
  const throughMs = await enqueue(verification, open, deps);
  const settling = look.sentAgain(throughMs);
  return { state: { ...verification, settling }, delayMs: Math.max(1000, throughMs) };
};

/** Returns after how many milliseconds the last should be through. */
async function enqueue(
  { id, planId, deadline }: VerifyState,
  parts: readonly number[],
  deps: VerifyDeps,
): Promise<number> {
  if (planId === null) throw new Error(`verification ${id} has no plan to check`);
  await mapConcurrently(sendsAtOnce, parts, async (part, position) => {
    await deps.queue.send(
      { v: 1, job: { type: 'verifyBlobs', id, planId, part }, notAfter: deadline, attempt: 0 },
      { delaySeconds: (position * msPerPart) / 1000 },
    );
  });
  return Math.max(0, parts.length - 1) * msPerPart;
}
