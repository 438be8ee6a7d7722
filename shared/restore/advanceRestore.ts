/** Takes a restore one step further (engine/advance.ts); the only writer of its state after the request. */
import type { AdvanceRestore } from '../domain/jobs.ts';
import { addRequests } from '../domain/recoveryPoint.ts';
import type { RestoreState, RestoreStep } from '../domain/restoreState.ts';
import { type AdvanceResult, advance } from '../engine/advance.ts';
import type { RequestMeter } from '../ports/sourceVault.ts';
import { applyStep } from './applyStep.ts';
import type { RestoreDeps, RestoreStepOf } from './deps.ts';
import { planStep } from './planStep.ts';
import { advanceRestoreMessage } from './requestRestore.ts';
import { restoreSealStep } from './restoreSealStep.ts';
import { restoreSettleStep } from './restoreSettleStep.ts';
import { readRestore, writeRestore } from './restoreStore.ts';

const steps: Readonly<Record<Exclude<RestoreStep, 'ended'>, RestoreStepOf>> = {
  plan: planStep,
  apply: applyStep,
  settle: restoreSettleStep,
  seal: restoreSealStep,
};

export function advanceRestore({ id }: AdvanceRestore, deps: RestoreDeps): Promise<AdvanceResult> {
  return advance<RestoreState, string>({
    clock: deps.clock,
    async read() {
      const found = await readRestore(id, deps);
      return found && found.restore.step !== 'ended' ? { state: found.restore, held: found.etag } : null;
    },
    step: (restore, overdue) =>
      steps[overdue || restore.step === 'ended' ? 'seal' : restore.step](restore, deps),
    putBack: (_restore, delayMs) =>
      deps.queue.send(advanceRestoreMessage(id), { delaySeconds: delayMs / 1000 }),
    write: (next, _ended, etag) => writeWithRequests(next, etag, deps),
  });
}

async function writeWithRequests(restore: RestoreState, etag: string, deps: RestoreDeps): Promise<boolean> {
  const meter = meterOf(restore.target.name, deps);
  const made = meter?.take() ?? { vault: 0, throttled: 0 };
  const requests = addRequests(restore.requests, made);
  const written = await writeRestore({ ...restore, requests }, etag, deps);
  if (!written) meter?.giveBack(made);
  return written;
}

function meterOf(target: string, deps: RestoreDeps): RequestMeter | null {
  try {
    return deps.targetOf(target).meter;
  } catch {
    return null;
  }
}
