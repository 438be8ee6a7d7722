/**
 * The vaults of this process, each connected on first use behind its own governor: adapter → measured → governed.
 * Measured inside governed, so that a call which the governor turns away is no request. Part of the composition.
 */
import type { TokenCredential } from '@azure/identity';
import { keyVault } from './azure/keyVault.ts';
import { targetVault } from './azure/targetVault.ts';
import type { Config } from './config.ts';
import { BackupError } from './domain/errors.ts';
import type { Plan, PlanVault } from './domain/plans.ts';
import { type Ceilings, processCeilings } from './policies/ceilings.ts';
import { governedTarget } from './policies/governedTarget.ts';
import { governedVault } from './policies/governedVault.ts';
import { createGovernor, type Governor, type Patience } from './policies/governor.ts';
import { measuredVault } from './policies/measuredVault.ts';
import type { Clock } from './ports/clock.ts';
import type { GovernedVault, RequestMeter } from './ports/sourceVault.ts';
import type { GovernedTarget } from './restore/deps.ts';

/** A job goes back to the queue rather than hold a slot longer than this, and at once when its vault is paused. */
export const jobPatience: Patience = { turnMs: 2_000, pauseMs: 0 };
/** A listing cannot go back to the queue half-way, so it waits out pauses, this long at a time. */
export const listingPatience: Patience = { turnMs: 90_000, pauseMs: 90_000 };

interface Home {
  readonly plan: Plan;
  readonly vault: PlanVault;
}

export function sourceVaults(config: Config, credential: TokenCredential, clock: Clock) {
  const ceilings = processCeilings(config.shards);
  const homes = new Map(
    config.plans.flatMap((plan) =>
      plan.vaults.map((vault): [string, Home] => [vault.name.toLowerCase(), { plan, vault }]),
    ),
  );
  const find = (name: string): Home | null => homes.get(name.toLowerCase()) ?? null;
  const connected = new Map<string, GovernedVault>();
  return {
    find,
    vaultOf(name: string): GovernedVault {
      const home = find(name);
      if (!home) {
        throw new BackupError('invalid', `no plan has the vault ${name}`, {
          hint: 'Add the vault to a plan in BACKUP_PLANS, or ignore this if it was taken out on purpose.',
        });
      }
      return keep(connected, home.vault.name, () => connectSource(home, config, credential, clock, ceilings));
    },
  };
}

function connectSource(
  { plan, vault: { name, url } }: Home,
  config: Config,
  credential: TokenCredential,
  clock: Clock,
  ceilings: Ceilings,
): GovernedVault {
  const budgets = { objects: plan.requestsPer10Seconds, keys: plan.keyRequestsPer10Seconds };
  const governor = createGovernor({ budgets, clock, random: Math.random, ceilings });
  const { vault, meter } = measuredVault(
    keyVault({ name, url, credential, timeoutMs: config.vaultTimeoutMs }),
  );
  return {
    calls: governedVault(vault, governor, jobPatience),
    patientCalls: governedVault(vault, governor, listingPatience),
    pace: governor,
    meter: wholeMeter(meter, governor),
  };
}

/** Requests and 429s from the meter, pauses and the lowest rate from the governor: one record. */
export const wholeMeter = (meter: RequestMeter, governor: Governor): RequestMeter => ({
  take: () => ({ ...meter.take(), ...governor.takeRecord() }),
  giveBack: (count) => meter.giveBack(count),
});

export function targetVaults(
  config: Config,
  credential: TokenCredential,
  clock: Clock,
): (name: string) => GovernedTarget {
  const allowed = new Map(
    [...config.restoreTargets.values()].flat().map((target) => [target.name.toLowerCase(), target]),
  );
  const connected = new Map<string, GovernedTarget>();
  const ceilings = processCeilings(1);
  return (name) => {
    const target = allowed.get(name.toLowerCase());
    if (!target) {
      throw new BackupError('invalid', `${name} is no restore target`, {
        hint: 'Add it to RESTORE_TARGETS under its source vault.',
      });
    }
    return keep(connected, target.name, () => {
      const governor = createGovernor({
        budgets: {
          objects: target.requestsPer10Seconds,
          keys: target.keyRequestsPer10Seconds,
          creates: target.creatingRequestsPer10Seconds,
        },
        clock,
        random: Math.random,
        ceilings,
      });
      const { vault, meter } = measuredVault(
        targetVault({ name: target.name, url: target.url, credential, timeoutMs: config.vaultTimeoutMs }),
      );
      return {
        calls: governedTarget(vault, governor, jobPatience),
        patientCalls: governedTarget(vault, governor, listingPatience),
        pace: governor,
        meter: wholeMeter(meter, governor),
      };
    });
  };
}

export function keep<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
