/** What each role registers: triggers and routes. */
export const inAll = ['GET health', 'GET openapi.json', 'GET vaults/{vault}/portable-copies/{id}'];
export const inBoth = [
  ...inAll,
  'GET diffs/{id}',
  'POST diffs',
  'POST configurations',
  'GET vaults/{vault}/configuration',
  'GET vaults/{vault}/configuration/diff',
  'GET vaults/{vault}/diff',
  'GET vaults/{vault}/recovery-points',
  'GET vaults/{vault}/recovery-points/{id}',
  'GET vaults/{vault}/recovery-points/{id}/objects',
];
interface Part {
  readonly triggers: readonly object[];
  readonly routes: readonly string[];
}
export const ofBackups: Part = {
  triggers: [
    {
      kind: 'timer',
      name: 'runPlan-payments',
      options: { schedule: '0 0 2 * * *', retry: { maxRetryCount: 5 } },
    },
    {
      kind: 'storageQueue',
      name: 'backupJobs0',
      options: { queueName: 'backup-jobs-0', connection: 'AzureWebJobsStorage' },
    },
    {
      kind: 'storageQueue',
      name: 'backupJobs0Poison',
      options: { queueName: 'backup-jobs-0-poison', connection: 'AzureWebJobsStorage' },
    },
    { kind: 'timer', name: 'watchRuns', options: { schedule: '0 */5 * * * *' } },
    { kind: 'timer', name: 'checkRetention', options: { schedule: '0 45 5 * * *' } },
    {
      kind: 'timer',
      name: 'verifyVaults',
      options: { schedule: '0 30 5 * * *', retry: { maxRetryCount: 5 } },
    },
    {
      kind: 'storageQueue',
      name: 'verifyJobs',
      options: { queueName: 'verify-jobs', connection: 'AzureWebJobsStorage' },
    },
    {
      kind: 'storageQueue',
      name: 'verifyJobsPoison',
      options: { queueName: 'verify-jobs-poison', connection: 'AzureWebJobsStorage' },
    },
  ],
  routes: [
    'POST backups',
    'GET backups/{vault}/{runId}',
    'GET vaults',
    'POST verifications',
    'GET verifications/{id}',
  ],
};
export const ofRestores: Part = {
  triggers: [
    {
      kind: 'storageQueue',
      name: 'restoreJobs',
      options: { queueName: 'restore-jobs', connection: 'AzureWebJobsStorage' },
    },
    {
      kind: 'storageQueue',
      name: 'restoreJobsPoison',
      options: { queueName: 'restore-jobs-poison', connection: 'AzureWebJobsStorage' },
    },
    { kind: 'timer', name: 'watchRestores', options: { schedule: '30 */5 * * * *' } },
  ],
  routes: [
    'POST restores',
    'GET restores',
    'GET restores/{id}',
    'POST drills',
    'GET drills/{vault}',
    'POST moves',
    'GET moves',
    'GET moves/{id}',
    'POST moves/{id}/steps',
    'POST moves/{id}/report',
  ],
};
export const ofPortable: Part = {
  triggers: [
    { kind: 'timer', name: 'copyPortable', options: { schedule: '30 */5 * * * *' } },
    {
      kind: 'storageQueue',
      name: 'portableJobs',
      options: { queueName: 'portable-jobs', connection: 'AzureWebJobsStorage' },
    },
    {
      kind: 'storageQueue',
      name: 'portableJobsPoison',
      options: { queueName: 'portable-jobs-poison', connection: 'AzureWebJobsStorage' },
    },
  ],
  routes: ['POST portable-copies'],
};
