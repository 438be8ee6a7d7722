/**
 * The vaults whose values the portable app reads, and the vaults of recipient keys, each connected on first use behind
 * its own governor. Part of the composition.
 */
import type { TokenCredential } from '@azure/identity';
import { readableVault } from './azure/readableVault.ts';
import { recipientKeys } from './azure/recipientKeys.ts';
import type { Config } from './config.ts';
import { BackupError } from './domain/errors.ts';
import { processCeilings } from './policies/ceilings.ts';
import { governedKeys, governedReadable } from './policies/governedReadable.ts';
import { createGovernor } from './policies/governor.ts';
import { measuredVault } from './policies/measuredVault.ts';
import type { PortableHome } from './portable/deps.ts';
import type { Clock } from './ports/clock.ts';
import type { GovernedReadable } from './ports/readableVault.ts';
import type { RecipientKeys } from './ports/recipientKeys.ts';
import { jobPatience, keep, listingPatience, wholeMeter } from './vaults.ts';

/** Vaults of plans that ask for portable copies. */
export const portableHomes = (config: Config): PortableHome[] =>
  config.plans.flatMap(({ portable, ...plan }) =>
    portable ? plan.vaults.map((vault) => ({ vault, plan: { ...plan, portable } })) : [],
  );

export function readableVaults(
  config: Config,
  credential: TokenCredential,
  clock: Clock,
): (name: string) => GovernedReadable {
  const ceilings = processCeilings(1);
  const connected = new Map<string, GovernedReadable>();
  return (name) => {
    const plan = config.plans.find(
      ({ portable, vaults }) => portable && vaults.some((vault) => vault.name === name),
    );
    const home = plan?.vaults.find((vault) => vault.name === name);
    if (!plan || !home)
      throw new BackupError('invalid', `no plan wants portable copies of ${name}`, {
        hint: 'Add portable to its plan, or ignore this if it was taken out on purpose.',
      });
    return keep(connected, name, () => {
      const budgets = { objects: plan.requestsPer10Seconds, keys: plan.keyRequestsPer10Seconds };
      const governor = createGovernor({ budgets, clock, random: Math.random, ceilings });
      const { url } = home;
      const adapter = readableVault({ name, url, credential, timeoutMs: config.vaultTimeoutMs });
      const { vault, meter } = measuredVault(adapter);
      return {
        calls: governedReadable(vault, governor, jobPatience),
        patientCalls: governedReadable(vault, governor, listingPatience),
        pace: governor,
        meter: wholeMeter(meter, governor),
      };
    });
  };
}

/** Half of what a vault serves of the slowest key (RSA 4096, 500 per 10 s): a vault of recipient keys has little else to do. */
const keyRequestsPer10Seconds = 250;

/** By any key id: the keys of its vault. */
export function recipientVaults(
  config: Config,
  credential: TokenCredential,
  clock: Clock,
): (keyId: string) => RecipientKeys {
  const ceilings = processCeilings(1);
  const connected = new Map<string, RecipientKeys>();
  return (keyId) => {
    const { origin: url, hostname } = new URL(keyId);
    return keep(connected, url, () => {
      const budgets = { objects: keyRequestsPer10Seconds, keys: keyRequestsPer10Seconds };
      const governor = createGovernor({ budgets, clock, random: Math.random, ceilings });
      const name = hostname.split('.')[0] ?? hostname;
      const adapter = recipientKeys({ name, url, credential, timeoutMs: config.vaultTimeoutMs });
      return governedKeys(adapter, governor, jobPatience);
    });
  };
}

/** Of the restore app: only keys that the settings name may unwrap, each of their versions. */
export function unwrappingKeys(config: Config, credential: TokenCredential, clock: Clock) {
  const keysOf = recipientVaults(config, credential, clock);
  const allowed = config.recipientKeys.map((id) => `${id.toLowerCase()}/`);
  return {
    allows: (kid: string) => allowed.some((id) => kid.toLowerCase().startsWith(id)),
    unwrap: (kid: string, encryptedKey: Uint8Array) => keysOf(kid).unwrap(kid, encryptedKey),
  };
}
