/** What the use cases of portable copies need from outside. Ports only. */
import type { PlanVault } from '../domain/plans.ts';
import type { CopyContent, CopyHeader } from '../domain/portableCopy.ts';
import type { PortablePlan, Recipient } from '../domain/portablePlan.ts';
import type { PortableState } from '../domain/portableState.ts';
import type { StepResult } from '../engine/advance.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { ImmutableContainer, StateContainer } from '../ports/containers.ts';
import type { Events } from '../ports/events.ts';
import type { JobQueue } from '../ports/jobQueue.ts';
import type { GovernedReadable } from '../ports/readableVault.ts';

/** A vault whose plan asks for portable copies. */
export interface PortableHome {
  readonly vault: PlanVault;
  readonly plan: { readonly name: string; readonly deadlineMinutes: number; readonly portable: PortablePlan };
}

export interface PortableDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: () => string;
  readonly events: Events;
  readonly backups: ImmutableContainer;
  readonly state: StateContainer;
  readonly queue: JobQueue;
  readonly homes: readonly PortableHome[];
  /** Rejects with `invalid` when no plan wants copies of the vault (any more). */
  readonly vaultOf: (vault: string) => GovernedReadable;
  readonly recipientKey: (keyId: string) => Promise<Recipient>;
  readonly seal: (
    bound: Omit<CopyHeader, 'alg' | 'enc' | 'typ' | 'format'>,
    content: CopyContent,
    recipients: readonly Recipient[],
  ) => Promise<Uint8Array>;
  readonly settings: {
    readonly fullEveryDays: number;
    readonly messageLeaseMs: number;
    readonly appVersion: string;
  };
}

/** One step: looks at what is there and does what is missing. */
export type PortableStepOf = (state: PortableState, deps: PortableDeps) => Promise<StepResult<PortableState>>;
