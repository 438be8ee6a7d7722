/** What a move reads before it decides: the source's plan and points, what the target allows, what travels as a copy. */
import { z } from 'zod';
import { objectList, problemShape, vaultList } from '../../shared/domain/answers.ts';
import { movesBetween } from '../../shared/domain/move.ts';
import { objectKey } from '../../shared/domain/objects.ts';
import { type PortableLine, portableLine, portablePoint } from '../../shared/domain/portablePoint.ts';
import { type IndexLine, type RecoveryPoint, recoveryPoint } from '../../shared/domain/recoveryPoint.ts';
import type { VaultOverview } from '../../shared/domain/vaultOverview.ts';
import { routeOf } from '../call.ts';
import { Failure } from '../failure.ts';
import { patiently } from '../follow.ts';
import type { Kvb } from '../kvb.ts';

export async function sourceOf(kvb: Kvb, from: string): Promise<VaultOverview> {
  const { value } = await patiently(kvb, () => kvb.call('backup', { route: 'vaults', answer: vaultList }));
  const found = value.vaults.find(({ vault }) => vault.toLowerCase() === from.toLowerCase());
  if (found) return found;
  throw new Failure(
    'usage',
    `no plan backs up ${from}`,
    'A move is a backup and a restore: add the vault to a plan of the backup app. kvb status shows its vaults.',
  );
}

export async function movesOf(kvb: Kvb, { from, to }: { from: string; to: string }) {
  const query = new URLSearchParams({ from, to }).toString();
  const route = `moves?${query}`;
  return (await patiently(kvb, () => kvb.call('restore', { route, answer: movesBetween }))).value;
}

export interface PointFacts {
  readonly point: RecoveryPoint;
  readonly lines: readonly IndexLine[];
}

export async function pointOf(kvb: Kvb, from: string, runId: string): Promise<PointFacts> {
  const route = routeOf`vaults/${from}/recovery-points/${runId}`;
  const [point, objects] = await Promise.all([
    patiently(kvb, () => kvb.callEither({ route, answer: recoveryPoint })),
    patiently(kvb, () => kvb.callEither({ route: `${route}/objects`, answer: objectList })),
  ]);
  return { point: point.value, lines: objects.value.objects };
}

const copies = z.object({ copies: portablePoint, objects: z.array(portableLine) });

/** By objectKey; null while there are none. */
export async function copiesOf(
  kvb: Kvb,
  from: string,
  runId: string,
): Promise<ReadonlyMap<string, PortableLine> | null> {
  const route = routeOf`vaults/${from}/portable-copies/${runId}`;
  const answer = z.union([copies, problemShape]);
  const { value } = await patiently(kvb, () => kvb.call('restore', { route, answer, also: 404 }));
  return 'objects' in value ? new Map(value.objects.map((line) => [objectKey(line), line])) : null;
}
