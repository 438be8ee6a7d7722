/** What both apps can do about vaults' own settings, wired. Part of the composition. */
import type { TokenCredential } from '@azure/identity';
import { vaultControl } from './azure/vaultControl.ts';
import type { Config } from './config.ts';
import { findConfig } from './configuration/configStore.ts';
import type { ConfigDeps, ConfiguredVault, Whose } from './configuration/deps.ts';
import { type ConfigDiffRequest, diffConfigs } from './configuration/diffConfigs.ts';
import { requestConfig } from './configuration/requestConfig.ts';
import { type ConfigDelivery, handlePoisonedConfig, takeConfig } from './configuration/takeConfig.ts';
import type { TakeConfig } from './domain/jobs.ts';
import type { Events } from './ports/events.ts';
import { keep } from './vaults.ts';
import { appVersion } from './version.ts';

type Common = Pick<ConfigDeps, 'clock' | 'random' | 'events' | 'backups' | 'state'>;

interface Parts {
  readonly common: (events: Events) => Common;
  readonly queueOf: ConfigDeps['queueOf'];
  /** The calls of a vault of this app; throws when it is not configured (any more). */
  readonly liveOf: (whose: Whose) => Pick<ConfiguredVault, 'patientCalls' | 'meter'>;
}

export function configurationApp(
  config: Config,
  credential: TokenCredential,
  { common, queueOf, liveOf }: Parts,
) {
  const connected = new Map<string, ConfiguredVault>();
  const addressed = {
    source: config.plans.flatMap(({ vaults }) => vaults),
    target: [...config.restoreTargets.values()].flat(),
  };
  const addressOf = ({ vault, role }: Whose) =>
    addressed[role].find(({ name }) => name.toLowerCase() === vault.toLowerCase());

  function vaultOf(whose: Whose): ConfiguredVault {
    const { patientCalls, meter } = liveOf(whose);
    const { name, url, resourceId = null } = addressOf(whose) ?? { name: whose.vault, url: '' };
    return keep(connected, `${whose.role} ${name}`, () => ({
      name,
      url,
      resourceId,
      control:
        resourceId === null
          ? null
          : vaultControl({
              resourceId,
              credential,
              cloud: config.cloud,
              endpoint: config.resourceManagerUrl,
              timeoutMs: config.vaultTimeoutMs,
            }),
      patientCalls,
      meter,
    }));
  }

  const deps = (events: Events): ConfigDeps => ({
    ...common(events),
    queueOf,
    vaultOf,
    settings: { appVersion },
  });

  return {
    /** Whose settings each run records: those whose plan says where they are. */
    recordsSettings: (vault: string) => addressOf({ vault, role: 'source' })?.resourceId !== undefined,
    requestConfig: (whose: Whose, events: Events) => requestConfig(whose, deps(events)),
    takeConfig: (delivery: ConfigDelivery, role: TakeConfig['role'], events: Events) =>
      takeConfig(delivery, role, deps(events)),
    handlePoisonedConfig: (job: TakeConfig, events: Events) => handlePoisonedConfig(job, { events }),
    configurationOf: (vault: string, at: string, events: Events) => findConfig(vault, at, 'at', deps(events)),
    diffConfigurations: (request: ConfigDiffRequest, events: Events) => diffConfigs(request, deps(events)),
  };
}
