/**
 * `npm run lock-retention -- <container>`: locks the retention policy of a container of the backup account, by hand and
 * with a person's own sign-in. It says what becomes irreversible, and goes on only when the container's name is typed.
 */
import { createInterface } from 'node:readline/promises';
import { StorageManagementClient } from '@azure/arm-storage';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { storageResourceOf } from '../shared/domain/retention.ts';

export interface LockOptions {
  /** BACKUP_STORAGE_RESOURCE_ID */
  readonly resourceId: string;
  readonly container: string;
  readonly credential: TokenCredential;
  readonly ask: (question: string) => Promise<string>;
  readonly say: (line: string) => void;
  /** Resource Manager of another cloud. */
  readonly endpoint?: string | undefined;
}

export type LockResult = 'locked' | 'alreadyLocked' | 'refused';

const containers = ['backups', 'audit', 'safety'];
const timeoutMs = 30_000;

export async function lockRetention(options: LockOptions): Promise<LockResult> {
  const { container, say } = options;
  const resource = storageResourceOf(options.resourceId);
  if (!resource)
    throw new Error(
      'BACKUP_STORAGE_RESOURCE_ID: write /subscriptions/…/resourceGroups/…/providers/Microsoft.Storage/storageAccounts/… (azd env get-value BACKUP_STORAGE_RESOURCE_ID)',
    );
  if (!containers.includes(container))
    throw new Error(
      `Name the container to lock, one of ${containers.join(', ')}: npm run lock-retention -- backups`,
    );
  const { subscription, group, account } = resource;
  const { endpoint } = options;
  const client = new StorageManagementClient(
    options.credential,
    subscription,
    endpoint ? { endpoint, credentials: { scopes: [`${endpoint}/.default`] } } : {},
  );
  const limit = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });
  const policy = await client.blobContainers.getImmutabilityPolicy(group, account, container, limit());
  const days = policy.immutabilityPeriodSinceCreationInDays ?? 0;
  if (days === 0)
    throw new Error(
      `${container} has no retention policy: deploy the infrastructure first. Nothing was changed.`,
    );
  if (policy.state === 'Locked') {
    say(`${container} of ${account} is locked already, for ${days} days.`);
    return 'alreadyLocked';
  }
  if (!policy.etag) throw new Error('The policy was answered without an ETag. Nothing was changed.');
  for (const line of consequences(account, container, days)) say(line);
  const answer = await options.ask(`Type the container's name to lock it, anything else to leave it: `);
  if (answer.trim() !== container) {
    say('Nothing was changed.');
    return 'refused';
  }
  // The ETag of what was shown: a policy that somebody changed meanwhile is not locked.
  await client.blobContainers.lockImmutabilityPolicy(group, account, container, policy.etag, limit());
  say(`${container} of ${account} is locked, for ${days} days.`);
  say('Once all three are locked: azd env set RETENTION_LOCKED true');
  return 'locked';
}

const consequences = (account: string, container: string, days: number) => [
  `Locking the retention policy of ${container} in ${account}: ${days} days from the creation of each blob.`,
  'This cannot be undone, by nobody, Microsoft included:',
  `- nobody can overwrite or delete a blob of ${container} before it is ${days} days old;`,
  '- the period can be extended, five times in all, and never shortened; the policy can never be removed;',
  `- the account ${account} cannot be deleted while ${container} has a blob, and is paid for until then;`,
  '- what should not be in there (a wrong vault, a wrong period) stays for that long.',
];

if (process.argv[1] === import.meta.filename) {
  const line = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const result = await lockRetention({
      resourceId: process.env['BACKUP_STORAGE_RESOURCE_ID'] ?? '',
      container: process.argv[2] ?? '',
      credential: new DefaultAzureCredential(),
      ask: (question) => line.question(question),
      say: (text) => console.log(text),
      endpoint: process.env['ARM_ENDPOINT'],
    });
    process.exitCode = result === 'refused' ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    line.close();
  }
}
