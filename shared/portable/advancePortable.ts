/** Takes the portable copies of a vault one step further (engine/advance.ts); the only writer of the state after its start. */
import type { AdvancePortable } from '../domain/jobs.ts';
import type { PortableState, PortableStep } from '../domain/portableState.ts';
import { addRequests } from '../domain/recoveryPoint.ts';
import { type AdvanceResult, advance } from '../engine/advance.ts';
import { portableCopyStep, portableSettleStep } from './copySteps.ts';
import type { PortableDeps, PortableStepOf } from './deps.ts';
import { portablePlanStep } from './portablePlanStep.ts';
import { portableSealStep } from './portableSealStep.ts';
import { readPortable, writePortable } from './portableStore.ts';
import { advancePortableMessage } from './startPortable.ts';
import { meterOf } from './vaultFacts.ts';

const steps: Readonly<Record<Exclude<PortableStep, 'ended'>, PortableStepOf>> = {
  plan: portablePlanStep,
  copy: portableCopyStep,
  settle: portableSettleStep,
  seal: portableSealStep,
};

export function advancePortable(
  { vault, runId }: AdvancePortable,
  deps: PortableDeps,
): Promise<AdvanceResult> {
  return advance<PortableState, string>({
    clock: deps.clock,
    async read() {
      const found = await readPortable(vault, deps);
      const isMine = found?.portable.runId === runId && found.portable.step !== 'ended';
      return found && isMine ? { state: found.portable, held: found.etag } : null;
    },
    step: (state, overdue) => steps[overdue || state.step === 'ended' ? 'seal' : state.step](state, deps),
    putBack: (_state, delayMs) =>
      deps.queue.send(advancePortableMessage(vault, runId), { delaySeconds: delayMs / 1000 }),
    write: (next, _ended, etag) => writeWithRequests(next, etag, deps),
  });
}

async function writeWithRequests(state: PortableState, etag: string, deps: PortableDeps): Promise<boolean> {
  const meter = meterOf(state.vault, deps);
  const made = meter?.take() ?? { vault: 0, throttled: 0 };
  const written = await writePortable({ ...state, requests: addRequests(state.requests, made) }, etag, deps);
  if (!written) meter?.giveBack(made);
  return written;
}
