/** What the restore use cases need from outside. Ports only. */
import type { RestoreState } from '../domain/restoreState.ts';
import type { StepResult } from '../engine/advance.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { ImmutableContainer, StateContainer } from '../ports/containers.ts';
import type { Events } from '../ports/events.ts';
import type { JobQueue } from '../ports/jobQueue.ts';
import type { RecipientKeys } from '../ports/recipientKeys.ts';
import type { RequestMeter, VaultPace } from '../ports/sourceVault.ts';
import type { TargetVault } from '../ports/targetVault.ts';

export interface GovernedTarget {
  readonly calls: TargetVault;
  /** The same vault for the plan's lists, which wait in their slot because they cannot go back to the queue. */
  readonly patientCalls: TargetVault;
  readonly pace: VaultPace;
  readonly meter: RequestMeter;
}

export interface RestoreDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: () => string;
  readonly events: Events;
  readonly backups: ImmutableContainer;
  readonly state: StateContainer;
  readonly audit: ImmutableContainer;
  readonly safety: ImmutableContainer;
  readonly queue: JobQueue;
  /** Keys that may be asked to unwrap the content keys of portable copies (RECIPIENT_KEYS). */
  readonly recipients: Pick<RecipientKeys, 'unwrap'> & { allows(kid: string): boolean };
  /** Rejects with `invalid` when the target is not allowed (any more). */
  readonly targetOf: (name: string) => GovernedTarget;
  readonly settings: {
    readonly messageLeaseMs: number;
    readonly deadlineMinutes: number;
    readonly appVersion: string;
  };
}

/** One step of a restore: looks at what is there and does what is missing. */
export type RestoreStepOf = (restore: RestoreState, deps: RestoreDeps) => Promise<StepResult<RestoreState>>;
