/** What the verification needs from outside. Ports only; it calls no vault. */
import type { VerifyState } from '../domain/verifyState.ts';
import type { StepResult } from '../engine/advance.ts';
import type { Clock } from '../ports/clock.ts';
import type { ImmutableContainer, StateContainer } from '../ports/containers.ts';
import type { Events } from '../ports/events.ts';
import type { JobQueue } from '../ports/jobQueue.ts';

export interface VerifyDeps {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly events: Events;
  readonly backups: ImmutableContainer;
  readonly audit: ImmutableContainer;
  readonly state: StateContainer;
  readonly queue: JobQueue;
  readonly settings: {
    readonly verifyEveryDays: number;
    readonly retentionDays: number;
    readonly messageLeaseMs: number;
    readonly appVersion: string;
  };
}

/** One step of a verification: looks at what is there and does what is missing. */
export type VerifyStepOf = (state: VerifyState, deps: VerifyDeps) => Promise<StepResult<VerifyState>>;
