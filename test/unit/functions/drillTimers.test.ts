/** The timers that a plan's drill brings. */
import { afterEach, expect, test } from 'vitest';
import { load, unload } from './functionApp.ts';

afterEach(unload);

const importMain = () => import('../../../functions/main.ts');

test('a plan with a drill has its timer in the restore app, and one looks after drills that stand still', async () => {
  const drilled = {
    name: 'payments',
    schedule: '0 0 2 * * *',
    vaults: ['contoso'],
    justification: 'a test of what is registered',
    drill: { schedule: '0 0 4 * * 0', target: 'scratch' },
  };
  const settings = {
    APP_ROLE: 'restore',
    BACKUP_PLANS: JSON.stringify([drilled]),
    RESTORE_TARGETS: JSON.stringify({ contoso: [{ name: 'scratch', drill: true }] }),
  };
  const { registered } = await load(importMain, settings);
  expect(registered.filter(({ kind }) => kind === 'timer')).toMatchObject([
    { name: 'watchRestores', options: { schedule: '30 */5 * * * *' } },
    { name: 'runDrills-payments', options: { schedule: '0 0 4 * * 0', retry: { maxRetryCount: 5 } } },
    { name: 'watchDrills', options: { schedule: '30 */5 * * * *' } },
  ]);
});
