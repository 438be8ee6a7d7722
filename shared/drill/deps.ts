/** What drills need: all that restores need, and which plan drills what. */
import type { DrillState } from '../domain/drill.ts';
import type { DrillPlan } from '../domain/plans.ts';
import type { RestoreTarget } from '../domain/restoreTargets.ts';
import type { StepResult } from '../engine/advance.ts';
import type { RestoreDeps } from '../restore/deps.ts';

export interface DrillDeps extends RestoreDeps {
  /** A plan's drill, null if it has none (any more). */
  readonly drillOf: (plan: string) => DrillPlan | null;
  /** The scratch vault for a source; null unless RESTORE_TARGETS marks it as one. */
  readonly scratchOf: (vault: string, target: string) => RestoreTarget | null;
}

/** One step of a drill: looks at what is there and does what is missing. */
export type DrillStepOf = (drill: DrillState, deps: DrillDeps) => Promise<StepResult<DrillState>>;

/** Ends the drill with the reason why it failed: by way of cleaning, once anything may have been restored. */
export const failed = (drill: DrillState, reason: string): StepResult<DrillState> => ({
  state: {
    ...drill,
    reason: drill.reason ?? reason,
    tries: 0,
    step: drill.step === 'probe' || drill.step === 'restore' ? 'clean' : 'record',
  },
  delayMs: 0,
});
