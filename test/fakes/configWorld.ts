/** The use cases of vaults' settings in a world of memory: two containers, a queue, and a vault that answers or refuses. */
import type { ConfigDeps, ConfiguredVault } from '../../shared/configuration/deps.ts';
import { takeConfig } from '../../shared/configuration/takeConfig.ts';
import { type ConfigMessage, decodeConfigMessage, type TakeConfig } from '../../shared/domain/jobs.ts';
import type { EventFields, EventName } from '../../shared/ports/events.ts';
import type { VaultControl } from '../../shared/ports/vaultControl.ts';
import { fakeClock } from './fakeClock.ts';
import { memoryContainer } from './memoryContainer.ts';
import { memoryQueue } from './memoryQueue.ts';
import { configOf } from './vaultConfigs.ts';

export type Part = keyof VaultControl | 'issuersPage' | 'listPage' | 'rotationPolicy';

export const runId = '20261122T020000Z';
export const policy = { expiryTime: 'P1Y', actions: [] };

export function configWorld(name = 'contoso') {
  const clock = fakeClock();
  const events: { name: EventName; fields: EventFields }[] = [];
  const queue = memoryQueue<ConfigMessage>(clock, decodeConfigMessage);
  const refused = new Map<Part, Error>();
  const truth = configOf(name);
  const answer = async <T>(part: Part, value: T | null): Promise<T> => {
    const error = refused.get(part);
    if (error) throw error;
    if (value === null) throw new Error('the truth has no such part');
    return value;
  };
  const control: VaultControl = {
    settings: () => answer('settings', truth.settings),
    roleAssignments: () => answer('roleAssignments', truth.roleAssignments),
    diagnosticSettings: () => answer('diagnosticSettings', truth.diagnosticSettings),
  };
  const meter = { vault: 0 };
  const vault: { -readonly [K in keyof ConfiguredVault]: ConfiguredVault[K] } = {
    name,
    url: truth.vaultUrl,
    resourceId: truth.resourceId,
    control,
    patientCalls: {
      issuersPage: (next) =>
        answer('issuersPage', {
          issuers: next === null ? [] : (truth.issuers ?? []),
          next: next === null ? 'more' : null,
        }),
      listPage: (_, next) =>
        answer('listPage', {
          objects: [
            { name: next === null ? 'signing' : 'wrapping', managed: false },
            { name: 'www', managed: true },
          ],
          next: next === null ? 'more' : null,
        }),
      rotationPolicy: () => answer('rotationPolicy', policy),
    },
    meter: {
      take: () => ({ vault: meter.vault, throttled: 0 }),
      giveBack: (count) => {
        meter.vault += count.vault;
      },
    },
  };
  const deps: ConfigDeps = {
    clock,
    random: () => 0,
    events: { emit: (event, fields) => void events.push({ name: event, fields }) },
    backups: memoryContainer(clock),
    state: memoryContainer(clock),
    queueOf: () => queue,
    vaultOf: () => vault,
    settings: { appVersion: '1.0.0' },
  };
  const job = (fields: Partial<TakeConfig> = {}): TakeConfig => ({
    type: 'takeConfig',
    vault: name,
    role: 'source',
    id: runId,
    ...fields,
  });
  const take = (
    fields: Partial<TakeConfig> & { last?: boolean; attempt?: number; notAfter?: string } = {},
  ) => {
    const { last = false, attempt = 0, notAfter = null, ...rest } = fields;
    const asked = job(rest);
    return takeConfig(
      { message: { v: 1, job: asked, notAfter, attempt }, job: asked, last },
      asked.role,
      deps,
    );
  };
  return { clock, deps, events, queue, refused, truth, vault, job, take };
}
