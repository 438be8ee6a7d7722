/** What the doers of a restore (plain, recover, replace) are given, and what they hand back. */
import type { RestoreObject } from '../domain/jobs.ts';
import type { OutcomeRecord } from '../domain/restoreState.ts';
import type { GovernedTarget, RestoreDeps } from './deps.ts';

/** What a doer hands back: all but the time. */
export type Told = Omit<OutcomeRecord, 'at'>;

/** What every doer works with. */
export interface Doing {
  readonly job: RestoreObject;
  readonly target: GovernedTarget;
  readonly deps: RestoreDeps;
  /** How often the message went back: bounds how long a limbo is waited out. */
  readonly attempt: number;
}
