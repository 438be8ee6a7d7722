/** The retention policy of the backups container, as the control plane tells it: its state and period. */
import type { RetentionPolicy } from '../domain/retention.ts';

export interface Retention {
  /** Null if there is no policy. Rejects with a BackupError when it cannot be read. */
  policy(): Promise<RetentionPolicy | null>;
}
