/**
 * Takes a run one step further and puts itself back; the only writer of a run's state after its start.
 *
 * Inside a step: what the step makes first, then the messages, then the state. A crash in between repeats the step.
 * A step that is due at once is taken in the same invocation, held by the same message. Who loses the ETag race drops
 * the message without another word: the winner has sent its own.
 */
import type { AdvanceRun } from '../domain/jobs.ts';
import type { RunState, RunStep } from '../domain/runState.ts';
import { captureStep } from './captureStep.ts';
import type { BackupDeps } from './deps.ts';
import { listStep } from './listStep.ts';
import { readVaultState, replaceVaultState } from './runStore.ts';
import { sealStep } from './sealStep.ts';
import { settleStep } from './settleStep.ts';
import { advanceRunMessage } from './startRun.ts';

/** What a step leaves: the next state, due after a delay, or null when the run has ended. */
export interface StepResult {
  readonly run: RunState | null;
  readonly delayMs: number;
}
export type Step = (run: RunState, deps: BackupDeps) => Promise<StepResult>;

/** The consistency pass belongs to incremental runs, which are not there yet: straight on to the seal. */
const checkStep: Step = async (run) => ({ run: { ...run, step: 'seal' }, delayMs: 0 });

const steps: Readonly<Record<RunStep, Step>> = {
  list: listStep,
  capture: captureStep,
  settle: settleStep,
  check: checkStep,
  seal: sealStep,
};

/** Past this an invocation hands over to a fresh message, well before functionTimeout. */
const handOverAfterMs = 3 * 60_000;
/** A queue counts visibility in whole seconds and may be this early. */
const earlyMs = 1_500;

export type AdvanceResult = 'noSuchRun' | 'early' | 'lostRace' | 'waiting' | 'ended';

export async function advanceRun({ vault, runId }: AdvanceRun, deps: BackupDeps): Promise<AdvanceResult> {
  const begunAt = deps.clock.now().getTime();
  for (;;) {
    const held = await readVaultState(deps.state, vault);
    if (held.run?.runId !== runId) return 'noSuchRun';
    const now = deps.clock.now().getTime();
    const overdue = now >= Date.parse(held.run.deadline);
    if (!overdue && now < Date.parse(held.run.nextAt)) return 'early';

    const { run, delayMs } = await steps[overdue ? 'seal' : held.run.step](held.run, deps);
    const goOnHere = delayMs === 0 && deps.clock.now().getTime() - begunAt < handOverAfterMs;
    if (run && !goOnHere) await putBack(run, delayMs, deps);
    const written = await writeState(run, delayMs, held, vault, deps);
    if (!written) return 'lostRace';
    if (!run) return 'ended';
    if (!goOnHere) return 'waiting';
  }
}

async function putBack(run: RunState, delayMs: number, deps: BackupDeps): Promise<void> {
  await deps
    .queueOf(run.vault)
    .send(advanceRunMessage(run.vault, run.runId), { delaySeconds: delayMs / 1000 });
}

async function writeState(
  run: RunState | null,
  delayMs: number,
  held: { etag: string | null; lastRunId: string | null },
  vault: string,
  deps: BackupDeps,
): Promise<boolean> {
  if (!run) return replaceVaultState(deps.state, vault, { run: null, lastRunId: held.lastRunId }, held.etag);
  const nextAt = new Date(deps.clock.now().getTime() + Math.max(0, delayMs - earlyMs)).toISOString();
  const { meter } = meterOf(vault, deps);
  const made = meter?.take() ?? { vault: 0, throttled: 0 };
  const requests = {
    vault: run.requests.vault + made.vault,
    throttled: run.requests.throttled + made.throttled,
  };
  const written = await replaceVaultState(
    deps.state,
    vault,
    { run: { ...run, nextAt, requests }, lastRunId: held.lastRunId },
    held.etag,
  );
  if (!written) meter?.giveBack(made);
  return written;
}

/** A vault that no plan has any more still gets its run sealed; nothing is metered for it. */
function meterOf(vault: string, deps: BackupDeps) {
  try {
    return { meter: deps.vaultOf(vault).meter };
  } catch {
    return { meter: null };
  }
}
