/** What the portable app can do, wired. Part of the composition. */
import type { TokenCredential } from '@azure/identity';
import { sealCopy } from './azure/sealCopy.ts';
import type { Config } from './config.ts';
import { type AdvancePortable, type PortableMessage, portableQueueName } from './domain/jobs.ts';
import type { PortableLine, PortablePoint } from './domain/portablePoint.ts';
import { newestPortablePoint, readPortableIndex, readPortablePoint } from './engine/portablePoints.ts';
import { once } from './once.ts';
import { advancePortable } from './portable/advancePortable.ts';
import { type CopyDelivery, copyObject } from './portable/copyObject.ts';
import type { PortableDeps } from './portable/deps.ts';
import { handlePortablePoisoned } from './portable/portablePoisoned.ts';
import { startAllPortable, startPortable } from './portable/startPortable.ts';
import { portableHomes, readableVaults, recipientVaults } from './portableVaults.ts';
import type { Events } from './ports/events.ts';
import type { PoisonQueues } from './ports/jobQueue.ts';
import { appVersion } from './version.ts';
import { countPoison } from './watch/watchRuns.ts';

type Common = Pick<PortableDeps, 'clock' | 'random' | 'newId' | 'events' | 'backups' | 'state'>;

interface Parts {
  readonly common: (events: Events) => Common;
  readonly clock: Common['clock'];
  readonly backups: () => Common['backups'];
  readonly queueNamed: (name: string) => PortableDeps['queue'];
  readonly poison: () => PoisonQueues;
}

export function portableApp(
  config: Config,
  credential: TokenCredential,
  { common, clock, backups, queueNamed, poison }: Parts,
) {
  const queue = once(() => queueNamed(portableQueueName));
  const vaultOf = readableVaults(config, credential, clock);
  const keysOf = recipientVaults(config, credential, clock);
  const homes = portableHomes(config);
  const deps = (events: Events): PortableDeps => ({
    ...common(events),
    queue: queue(),
    homes,
    vaultOf,
    recipientKey: (keyId) => keysOf(keyId).publicKey(keyId),
    seal: sealCopy,
    settings: { fullEveryDays: config.fullEveryDays, messageLeaseMs: config.messageLeaseMs, appVersion },
  });

  return {
    /** What the timer does. Nobody but this app sees its poison queue, so it counts that too, whatever else fails. */
    async lookForPoints(events: Events) {
      try {
        return await startAllPortable(deps(events));
      } finally {
        await countPoison({ poison: poison(), events });
      }
    },
    /** Null if no plan wants copies of the vault. */
    async startPortable(vault: string, events: Events) {
      const home = homes.find((one) => one.vault.name.toLowerCase() === vault.toLowerCase());
      return home ? startPortable(home, deps(events)) : null;
    },
    advancePortable: (job: AdvancePortable, events: Events) => advancePortable(job, deps(events)),
    copyObject: (delivery: CopyDelivery, events: Events) => copyObject(delivery, deps(events)),
    handlePortablePoisoned: (message: PortableMessage, events: Events) =>
      handlePortablePoisoned(message, deps(events)),
    async portableCopies(
      vault: string,
      id: string,
    ): Promise<{ copies: PortablePoint; objects: PortableLine[] } | null> {
      const from = { backups: backups() };
      const found =
        id === 'latest' ? await newestPortablePoint(vault, from) : await readPortablePoint(vault, id, from);
      return (
        found && { copies: found.point, objects: [...(await readPortableIndex(found.point, from)).values()] }
      );
    },
  };
}
