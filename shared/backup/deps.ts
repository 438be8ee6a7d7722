/** What the backup use cases need from outside. Ports only; composition.ts hands in the real ones, tests their own. */
import type { RunState } from '../domain/runState.ts';
import type { StepResult } from '../engine/advance.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { BackupContainer, ImmutableContainer, StateContainer } from '../ports/containers.ts';
import type { Events } from '../ports/events.ts';
import type { JobQueue, StrayQueues } from '../ports/jobQueue.ts';
import type { GovernedVault } from '../ports/sourceVault.ts';

export interface BackupSettings {
  readonly retentionDays: number;
  readonly fullEveryDays: number;
  readonly requireImmutableStorage: boolean;
  /** How long a message that a dead worker held stays invisible: 10 minutes on Azure (Queues extension). */
  readonly messageLeaseMs: number;
  readonly appVersion: string;
}

export interface BackupDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: () => string;
  readonly events: Events;
  readonly backups: BackupContainer;
  readonly state: StateContainer;
  /** Where verifications say what they found bad. */
  readonly audit: ImmutableContainer;
  /** The queue of the shard that the vault hashes to. */
  readonly queueOf: (vault: string) => JobQueue;
  readonly strays: StrayQueues;
  /** Rejects with `invalid` when no plan has the vault (any more). */
  readonly vaultOf: (vault: string) => GovernedVault;
  /** Whether a run of the vault is followed by a record of the vault's own settings. */
  readonly recordsSettings: (vault: string) => boolean;
  readonly settings: BackupSettings;
}

/** One step of a run: looks at what is there and does what is missing. */
export type Step = (run: RunState, deps: BackupDeps) => Promise<StepResult<RunState>>;
