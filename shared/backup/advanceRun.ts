/** Takes a run one step further (engine/advance.ts); the only writer of a run's state after its start. */
import type { AdvanceRun } from '../domain/jobs.ts';
import { addRequests } from '../domain/recoveryPoint.ts';
import type { RunState, RunStep } from '../domain/runState.ts';
import { type AdvanceResult, advance } from '../engine/advance.ts';
import type { RequestMeter } from '../ports/sourceVault.ts';
import { captureStep } from './captureStep.ts';
import { checkStep } from './checkStep.ts';
import type { BackupDeps, Step } from './deps.ts';
import { inventoryStep } from './inventoryStep.ts';
import { listStep } from './listStep.ts';
import { type HeldState, readVaultState, replaceVaultState } from './runStore.ts';
import { sealStep } from './sealStep.ts';
import { settleStep } from './settleStep.ts';
import { advanceRunMessage } from './startRun.ts';

const steps: Readonly<Record<RunStep, Step>> = {
  list: listStep,
  capture: captureStep,
  settle: settleStep,
  check: checkStep,
  inventory: inventoryStep,
  seal: sealStep,
};

export function advanceRun({ vault, runId }: AdvanceRun, deps: BackupDeps): Promise<AdvanceResult> {
  return advance<RunState, HeldState>({
    clock: deps.clock,
    async read() {
      const held = await readVaultState(deps.state, vault);
      return held.run?.runId === runId ? { state: held.run, held } : null;
    },
    step: (run, overdue) => steps[overdue ? 'seal' : run.step](run, deps),
    putBack: (run, delayMs) =>
      deps.queueOf(vault).send(advanceRunMessage(vault, run.runId), { delaySeconds: delayMs / 1000 }),
    write: (run, ended, held) => writeState(run, ended, held, deps),
  });
}

/** The requests that this process made since the last write go into the record with it. */
async function writeState(
  run: RunState,
  ended: boolean,
  held: HeldState,
  deps: BackupDeps,
): Promise<boolean> {
  const { lastRunId, etag } = held;
  if (ended) return replaceVaultState(deps.state, run.vault, { run: null, lastRunId }, etag);
  const meter = meterOf(run.vault, deps);
  const made = meter?.take() ?? { vault: 0, throttled: 0 };
  const requests = addRequests(run.requests, made);
  const written = await replaceVaultState(
    deps.state,
    run.vault,
    { run: { ...run, requests }, lastRunId },
    etag,
  );
  if (!written) meter?.giveBack(made);
  return written;
}

/** A vault that no plan has any more still gets its run sealed; nothing is metered for it. */
function meterOf(vault: string, deps: BackupDeps): RequestMeter | null {
  try {
    return deps.vaultOf(vault).meter;
  } catch {
    return null;
  }
}
