/** What comparisons with a live vault need from outside. Ports only. */

import type { DiffState } from '../domain/liveDiff.ts';
import type { Kind, ListedObject, ObjectRef } from '../domain/objects.ts';
import type { Clock } from '../ports/clock.ts';
import type { ImmutableContainer, StateContainer } from '../ports/containers.ts';
import type { Events } from '../ports/events.ts';
import type { JobQueue } from '../ports/jobQueue.ts';
import type { RequestMeter, VaultPace } from '../ports/sourceVault.ts';
import type { VersionFacts } from '../ports/targetVault.ts';

/** What a source and a target have in common, as far as a comparison needs it. */
export interface LiveVault {
  readonly patientCalls: {
    listPage(
      kind: Kind,
      next: string | null,
    ): Promise<{ readonly objects: readonly ListedObject[]; readonly next: string | null }>;
    /** Of a target: its versions are compared too. */
    versions?(ref: ObjectRef): Promise<readonly VersionFacts[]>;
  };
  readonly pace: VaultPace;
  readonly meter: RequestMeter;
}

export interface DiffDeps {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly events: Events;
  readonly backups: ImmutableContainer;
  readonly state: StateContainer;
  readonly queueOf: (live: DiffState['live']) => JobQueue;
  /** Rejects with `invalid` when the vault is not configured (any more). */
  readonly liveOf: (live: DiffState['live']) => LiveVault;
}
