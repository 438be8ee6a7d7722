/** The demo's stack: a vault to back up, an empty one of the same subscription and geography, and who may do what. */
import { backupActions } from './grants.ts';
import { type Stack, startStack } from './stack.ts';

export const sourceVault = 'contoso-payments';
export const targetVault = 'contoso-payments-dr';
export const planName = 'payments';
/** What we allow ourselves per 10 seconds: a tenth of the documented limits, as by default. */
export const budgets = { objects: 400, keys: 25 } as const;

const place = {
  subscription: '5f0c3a1e-0d1b-4c55-9d0e-6f6c1c0f7a11',
  geography: 'Europe',
  region: 'westeurope',
};

/** Restores by hand in the demo; the app's own identity cannot. */
export const operatorClientId = '0b7ad1c6-7e4b-4b55-8d6e-3a6d2a1c9e02';

export const localIdentities = [
  { name: 'backup', grants: { [sourceVault]: backupActions } },
  {
    name: 'operator',
    clientId: operatorClientId,
    grants: { [targetVault]: ['Microsoft.KeyVault/vaults/secrets/restore/action'] },
  },
];

export const localVaults = [
  { name: sourceVault, ...place },
  { name: targetVault, ...place },
];

export const localPlans = (vaults: Stack['emulator']['vaults']) => [
  {
    name: planName,
    schedule: '0 0 2 * * *',
    vaults: vaults.filter(({ name }) => name === sourceVault),
    justification: 'A local trial: shows what a backup of this vault would look like',
    requestsPer10Seconds: budgets.objects,
    keyRequestsPer10Seconds: budgets.keys,
  },
];

export const startDemoStack = (): Promise<Stack> =>
  startStack({
    vaults: localVaults,
    identities: localIdentities,
    plans: localPlans,
    host: { timers: false }, // the demo fires the timer itself, also at two o'clock
  });
