/** A restore drill in the world of memory: asks for one, waits for its end, reads its record. */
import { drillEndedName } from '../../shared/domain/blobNames.ts';
import type { DrillOrder, DrillRecord } from '../../shared/domain/drill.ts';
import { drillRecord } from '../../shared/domain/drill.ts';
import { advanceDrillMessage } from '../../shared/drill/advanceDrill.ts';
import { type RestoreWorld, targetName } from './restoreWorld.ts';
import { vaultName } from './world.ts';

export const drillOrder = (id = '20261123T040000Z'): DrillOrder => ({
  vault: vaultName,
  id,
  plan: 'payments',
  target: targetName,
});

export async function askForDrill(world: RestoreWorld, order = drillOrder()): Promise<void> {
  const notAfter = new Date(world.clock.now().getTime() + 12 * 3_600_000).toISOString();
  await world.queue.send(advanceDrillMessage(order, notAfter));
}

export function recordOf(world: RestoreWorld, order = drillOrder()): DrillRecord | null {
  const stored = world.audit.blobs.get(drillEndedName(order.vault, order.id));
  return stored ? drillRecord.parse(JSON.parse(Buffer.from(stored.bytes).toString('utf8'))) : null;
}

export async function drill(world: RestoreWorld, order = drillOrder()): Promise<DrillRecord> {
  await askForDrill(world, order);
  await world.drain();
  const record = recordOf(world, order);
  if (!record) throw new Error(`drill ${order.id} has no record`);
  return record;
}

/** Everything that the target holds in any phase but limbo. */
export const heldBy = ({ target }: RestoreWorld): string[] =>
  (['secret', 'key', 'certificate'] as const).flatMap((kind) =>
    (['live', 'deleting', 'deleted', 'recovering'] as const).flatMap((phase) =>
      target.shelf.all(kind, phase).map(({ name }) => `${kind} ${name} ${phase}`),
    ),
  );
