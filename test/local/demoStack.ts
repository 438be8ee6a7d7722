/**
 * The demo's stack: a vault to back up, an empty one of the same subscription and geography to restore into and one of
 * another, the vault of the key that portable copies are made for, the three apps, and who may do what.
 */
import type { IdentitySpec } from '../emulator/emulator.ts';
import { actions } from './grants.ts';
import { shownSecret } from './seedMix.ts';
import { type Stack, startStack } from './stack.ts';

export const sourceVault = 'contoso-payments';
export const targetVault = 'contoso-payments-dr';
/** An empty vault that restore drills may fill and empty again. */
export const scratchVault = 'contoso-drill';
/** In another geography and subscription, where Key Vault's own backups do not open. */
export const abroadVault = 'contoso-payments-asia';
/** Holds the key that portable copies are made for. */
export const recoveryVault = 'contoso-recovery';
export const planName = 'payments';
/** What we allow ourselves per 10 seconds: a tenth of the documented limits, as by default. */
export const budgets = { objects: 400, keys: 25 } as const;

const place = {
  subscription: '5f0c3a1e-0d1b-4c55-9d0e-6f6c1c0f7a11',
  geography: 'Europe',
  region: 'westeurope',
};

const far = {
  subscription: 'c2f4b8d1-77aa-4f0e-9f33-0b1d6a5e2c44',
  geography: 'Asia Pacific',
  region: 'southeastasia',
};

/** Restores by hand and destroys in the demo; the apps' own identities cannot touch the source. */
export const operatorClientId = '0b7ad1c6-7e4b-4b55-8d6e-3a6d2a1c9e02';
const destroyingActions = actions(
  'secrets/setSecret/action',
  ...['secrets', 'keys', 'certificates'].flatMap((plural) => [`${plural}/delete`, `${plural}/purge/action`]),
);

export const localIdentities: IdentitySpec[] = [
  {
    name: 'operator',
    clientId: operatorClientId,
    grants: { [targetVault]: actions('secrets/restore/action'), [sourceVault]: destroyingActions },
  },
];

export const localVaults = [
  { name: sourceVault, ...place },
  { name: targetVault, ...place },
  { name: scratchVault, ...place },
  { name: abroadVault, ...far },
  { name: recoveryVault, ...far },
];

type Vaults = Stack['emulator']['vaults'];

const recipientKey = 'portable';
export const seedRecipient = ({ seed }: Stack['emulator']['control']): Promise<unknown> =>
  seed.key(recoveryVault, { name: recipientKey, kty: 'RSA' });
/** Its id, as plans and RECIPIENT_KEYS name it. */
export const recipientOf = (vaults: Vaults): string =>
  `${vaults.find(({ name }) => name === recoveryVault)?.url}/keys/${recipientKey}`;

export const localPlans = (vaults: Vaults) => [
  {
    name: planName,
    schedule: '0 0 2 * * *',
    vaults: vaults.filter(({ name }) => name === sourceVault),
    justification: 'A local trial: shows what a backup of this vault would look like',
    requestsPer10Seconds: budgets.objects,
    keyRequestsPer10Seconds: budgets.keys,
    drill: {
      schedule: '0 0 4 * * 0',
      target: scratchVault,
      sample: 12,
      canaries: [`secrets/${shownSecret}`],
    },
    portable: { recipients: [recipientOf(vaults)], versions: 1 },
  },
];

/** RESTORE_TARGETS, with the budgets that a target has by default. */
export const localTargets = (vaults: Vaults) => ({
  [sourceVault]: vaults
    .filter(({ name }) => [targetVault, scratchVault, abroadVault].includes(name))
    .map(({ name, url }) => ({
      name,
      url,
      allowReplace: name === targetVault,
      drill: name === scratchVault,
      portable: name === abroadVault,
    })),
});

export const recipientEnv = (vaults: Vaults) => ({ RECIPIENT_KEYS: recipientOf(vaults) });

export const startDemoStack = (): Promise<Stack> =>
  startStack({
    vaults: localVaults,
    identities: localIdentities,
    plans: localPlans,
    restoreTargets: localTargets,
    restorePlans: true,
    restoreEnv: recipientEnv,
    portable: true,
    host: { timers: false }, // the demo fires the timer itself, also at two o'clock
  });
