/** What the use cases of a vault's own settings need from outside. Ports only. */
import type { TakeConfig } from '../domain/jobs.ts';
import type { RotationPolicy } from '../domain/recoveryPoint.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { ImmutableContainer, StateContainer } from '../ports/containers.ts';
import type { Events } from '../ports/events.ts';
import type { JobQueue } from '../ports/jobQueue.ts';
import type { IssuersPage, RequestMeter } from '../ports/sourceVault.ts';
import type { VaultControl } from '../ports/vaultControl.ts';

/** Whose settings: a source of the backup app, or a target of the restore app. */
export type Whose = Pick<TakeConfig, 'vault' | 'role'>;

export interface ConfiguredVault {
  readonly name: string;
  readonly url: string;
  readonly resourceId: string | null;
  /** Null without a resource id. */
  readonly control: VaultControl | null;
  readonly patientCalls: {
    issuersPage(next: string | null): Promise<IssuersPage>;
    listPage(
      kind: 'key',
      next: string | null,
    ): Promise<{ objects: readonly { name: string; managed: boolean }[]; next: string | null }>;
    rotationPolicy(name: string): Promise<RotationPolicy | null>;
  };
  readonly meter: RequestMeter;
}

export interface ConfigDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly backups: ImmutableContainer;
  readonly state: StateContainer;
  readonly queueOf: (whose: Whose) => JobQueue;
  /** Throws `invalid` when the vault is not configured (any more). */
  readonly vaultOf: (whose: Whose) => ConfiguredVault;
  readonly settings: { readonly appVersion: string };
}
