/**
 * The job that records a vault's own settings, once under a name that is derived from the job: of a source beside its
 * backups, immutable as they are; of a target in the state, because the restore app may not write backups. What may not be
 * read is a gap in the record; what cannot be read now is tried again, and a gap after the last delivery.
 */
import { configName } from '../domain/blobNames.ts';
import { NotNow } from '../domain/errors.ts';
import type { ConfigMessage, TakeConfig } from '../domain/jobs.ts';
import type { VaultConfig } from '../domain/vaultConfig.ts';
import { configRows } from '../domain/vaultConfigRows.ts';
import { sendBack } from '../engine/sendBack.ts';
import { configBefore, placeOf } from './configStore.ts';
import { uncounted } from './countedCalls.ts';
import type { ConfigDeps } from './deps.ts';
import { readVaultConfig } from './readVaultConfig.ts';

export interface ConfigDelivery {
  readonly message: ConfigMessage;
  readonly job: TakeConfig;
  readonly last: boolean;
}

/** A vault that is paused again and again is not waited for longer than this. */
const mostAttempts = 20;

export type ConfigResult = 'stored' | 'alreadyStored' | 'unseen' | 'deferred' | 'dropped';

export async function takeConfig(
  { message, job, last }: ConfigDelivery,
  role: TakeConfig['role'],
  deps: ConfigDeps,
): Promise<ConfigResult> {
  const late = message.notAfter !== null && deps.clock.now().getTime() >= Date.parse(message.notAfter);
  if (late || job.role !== role) return 'dropped';
  const { container, prefix } = placeOf(job, deps);
  const name = configName(prefix, job.id);
  if (await container.facts(name)) return 'alreadyStored';
  try {
    const record = await uncounted(deps.vaultOf(job), (vault) => readVaultConfig(vault, job, last, deps));
    // Of a vault that is gone the last good record stays the latest; who looks at a target wants to know even that.
    if (role === 'source' && record.settings === null && record.issuers === null)
      return unseen(job, record, deps);
    const bytes = Buffer.from(JSON.stringify(record), 'utf8');
    if ((await container.create(name, { bytes, contentType: 'application/json' })) === 'exists')
      return 'alreadyStored';
    const gaps = record.gaps.map(({ part }) => part).join(', ') || null;
    await callOutChanges(job, record, deps);
    deps.events.emit('configuration.taken', { vault: job.vault, role, id: job.id, gaps });
    return 'stored';
  } catch (error) {
    if (!(error instanceof NotNow) || message.attempt >= mostAttempts) throw error;
    await sendBack(message, error.delayMs, deps.queueOf(job), deps.random);
    return 'deferred';
  }
}

const mostNamed = 20;

/** Somebody opened a firewall, or gave a role: names of settings, never their values. A look, which costs no record. */
async function callOutChanges(job: TakeConfig, record: VaultConfig, deps: ConfigDeps): Promise<void> {
  const before = await configBefore(job, job.id, record, deps).catch(() => null);
  if (!before) return;
  const changed = configRows(before.configuration, record).filter(({ change }) => change === 'differs');
  if (changed.length === 0) return;
  const settings = changed.map(({ setting }) => setting);
  deps.events.emit('configuration.changed', {
    vault: job.vault,
    role: job.role,
    id: job.id,
    since: before.id,
    changed: changed.length,
    settings: settings.slice(0, mostNamed).join(', '),
  });
}

function unseen(
  { vault, role, id }: TakeConfig,
  { gaps }: VaultConfig,
  { events }: ConfigDeps,
): ConfigResult {
  const reasons = new Set(gaps.map(({ reason }) => reason));
  events.emit('configuration.failed', { vault, role, id, reason: [...reasons].join('; ') });
  return 'unseen';
}

/** What the queue gave up on: the next run takes a record again. */
export function handlePoisonedConfig(
  { vault, role, id }: TakeConfig,
  { events }: Pick<ConfigDeps, 'events'>,
): void {
  const reason = 'its job failed on every delivery; see the failures of this function in the logs';
  events.emit('configuration.failed', { vault, role, id, reason });
}
