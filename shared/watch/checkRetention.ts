/**
 * Daily: is the retention policy of the backups locked and long enough? A run can only see that there is one. Says
 * `storage.mutable` until it is so; never stops a backup.
 */
import { asBackupError } from '../domain/errors.ts';
import { neededDays, retentionProblem } from '../domain/retention.ts';
import type { Events } from '../ports/events.ts';
import type { Retention } from '../ports/retention.ts';

export interface CheckRetentionDeps {
  /** Null: BACKUP_STORAGE_RESOURCE_ID is not set, and nothing is known. */
  readonly retention: Retention | null;
  readonly events: Events;
  readonly settings: { readonly retentionDays: number; readonly fullEveryDays: number };
}

export async function checkRetention({ retention, events, settings }: CheckRetentionDeps): Promise<void> {
  if (!retention) return;
  const needed = neededDays(settings.retentionDays, settings.fullEveryDays);
  const say = (immutability: string, reason: string) =>
    events.emit('storage.mutable', { vault: null, plan: null, immutability, reason });
  try {
    const policy = await retention.policy();
    const problem = retentionProblem(policy, needed);
    if (problem) say(policy ? 'policy' : 'none', problem);
  } catch (error) {
    say('unknown', `the retention policy cannot be read: ${asBackupError(error).message}`);
  }
}
