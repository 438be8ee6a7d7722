/** Takes a verification one step further (engine/advance.ts); the only writer of its state after its start. */
import type { AdvanceVerification } from '../domain/jobs.ts';
import type { VerifyState, VerifyStep } from '../domain/verifyState.ts';
import { type AdvanceResult, advance } from '../engine/advance.ts';
import type { VerifyDeps, VerifyStepOf } from './deps.ts';
import { advanceVerificationMessage } from './startVerification.ts';
import { verifyCheckStep, verifySettleStep } from './verifyCheckSteps.ts';
import { verifyPlanStep } from './verifyPlanStep.ts';
import { verifySealStep } from './verifySealStep.ts';
import { readVerifyState, writeVerifyState } from './verifyStore.ts';

const steps: Readonly<Record<Exclude<VerifyStep, 'ended'>, VerifyStepOf>> = {
  plan: verifyPlanStep,
  check: verifyCheckStep,
  settle: verifySettleStep,
  seal: verifySealStep,
};

export function advanceVerification({ id }: AdvanceVerification, deps: VerifyDeps): Promise<AdvanceResult> {
  return advance<VerifyState, string>({
    clock: deps.clock,
    async read() {
      const found = await readVerifyState(id, deps);
      return found && found.verification.step !== 'ended'
        ? { state: found.verification, held: found.etag }
        : null;
    },
    step: (state, overdue) => steps[overdue || state.step === 'ended' ? 'seal' : state.step](state, deps),
    putBack: (_state, delayMs) =>
      deps.queue.send(advanceVerificationMessage(id), { delaySeconds: delayMs / 1000 }),
    write: (next, _ended, etag) => writeVerifyState(next, etag, deps),
  });
}
