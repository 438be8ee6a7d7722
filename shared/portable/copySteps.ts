/** Enqueues the objects in parts, spread over time at the vault's rate; then waits for their outcomes (engine/settling.ts). */
import type { PortableState, PortableWork } from '../domain/portableState.ts';
import { jobDelaySeconds } from '../engine/jobDelay.ts';
import { mapConcurrently } from '../engine/mapConcurrently.ts';
import { settleLook } from '../engine/settling.ts';
import type { PortableDeps, PortableStepOf } from './deps.ts';
import { objectsPerPart, openWork, readWorkPart } from './portableStore.ts';
import { paceOf } from './vaultFacts.ts';

const sendsAtOnce = 16;
/** The next part is enqueued this much before the last is through, so that the rate does not sag in between. */
const leadMs = 2_000;

export const portableCopyStep: PortableStepOf = async (state, deps) => {
  const now = deps.clock.now().getTime();
  const number = Math.floor(state.enqueued / objectsPerPart);
  const part = state.work === 0 ? [] : await readWorkPart(state, number, deps);
  const throughMs = await enqueue(state, part, deps, Math.max(0, Date.parse(state.throughAt) - now));
  const throughAt = new Date(now + throughMs).toISOString();
  // A lost part of the plan must not keep it from its end: the seal names what is missing.
  const enqueued = Math.min(state.work, (number + 1) * objectsPerPart);
  const next = { ...state, enqueued, throughAt };
  if (enqueued < state.work) return { state: next, delayMs: Math.max(0, throughMs - leadMs) };
  const settling = { missing: null, progressAt: throughAt, rounds: 0, looks: 0 };
  return { state: { ...next, step: 'settle', settling }, delayMs: throughMs };
};

export const portableSettleStep: PortableStepOf = async (state, deps) => {
  const open = await openWork(state, deps);
  if (open.length === 0) return { state: { ...state, step: 'seal' }, delayMs: 0 };
  const look = settleLook({
    settling: state.settling,
    missing: open.length,
    pausedMs: paceOf(state.vault, deps)?.pausedForMs() ?? 0,
    throughMs: open.length * msPerObject(state, deps),
    now: deps.clock.now(),
    leaseMs: deps.settings.messageLeaseMs,
  });
  if (look.verdict === 'wait') return { state: { ...state, settling: look.settling }, delayMs: look.delayMs };
  if (look.verdict === 'giveUp')
    return { state: { ...state, settling: look.settling, step: 'seal' }, delayMs: 0 };
  const throughMs = await enqueue(state, open.slice(0, objectsPerPart), deps, 0);
  return { state: { ...state, settling: look.sentAgain(throughMs) }, delayMs: Math.max(1000, throughMs) };
};

/** Returns after how many milliseconds the last should be through. */
async function enqueue(
  state: PortableState,
  part: readonly PortableWork[],
  deps: PortableDeps,
  beginInMs: number,
): Promise<number> {
  const { vault, runId, deadline } = state;
  const each = msPerObject(state, deps);
  await mapConcurrently(sendsAtOnce, part, async (work, position) => {
    await deps.queue.send(
      { v: 1, job: { type: 'copyObject', vault, runId, work }, notAfter: deadline, attempt: 0 },
      { delaySeconds: jobDelaySeconds(beginInMs + position * each) },
    );
  });
  return beginInMs + part.length * each;
}

/** With past versions: their list and at most one call for each. */
function msPerObject({ vault, versions }: PortableState, deps: PortableDeps): number {
  const perSecond = paceOf(vault, deps)?.callsPerSecond('objects') ?? 10;
  return (1000 * (versions === 0 ? 1 : 2 + versions)) / perSecond;
}
