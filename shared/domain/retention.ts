/** Whether a container's retention policy is what the promises of a recovery point rest on. Pure. */

export interface StorageResource {
  readonly subscription: string;
  readonly group: string;
  readonly account: string;
}

export interface RetentionPolicy {
  readonly state: string | null;
  readonly days: number | null;
}

export const storageResourceId =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Storage\/storageAccounts\/([^/]+)$/i;

export function storageResourceOf(id: string): StorageResource | null {
  const [, subscription, group, account] = storageResourceId.exec(id) ?? [];
  return subscription && group && account ? { subscription, group, account } : null;
}

/** A carried blob may be `fullEveryDays` older than the recovery point that names it. */
export const neededDays = (retentionDays: number, fullEveryDays: number): number =>
  retentionDays + fullEveryDays + 1;

/** What is wrong with it, in words; null if it is locked and long enough. */
export function retentionProblem(policy: RetentionPolicy | null, needed: number): string | null {
  if (!policy) return 'there is no retention policy';
  if (policy.days === null || policy.days < needed)
    return `the retention policy keeps blobs for ${policy.days ?? 'an unknown number of'} days, and ${needed} are needed`;
  if (policy.state?.toLowerCase() !== 'locked') return 'the retention policy is not locked';
  return null;
}
