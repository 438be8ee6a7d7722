/** How a vault stands with its portable copies, as the container shows it: for the watch and for whoever asks. */

import type { Plan } from '../domain/plans.ts';
import { type PortableLag, portableLag, type SealedAt } from '../domain/portableLag.ts';
import type { Clock } from '../ports/clock.ts';
import { type CatalogDeps, listPoints } from './catalog.ts';
import { portableSeals } from './portablePoints.ts';

export interface PortableStanding {
  readonly latest: SealedAt | null;
  readonly overdue: PortableLag | null;
}

const dayMs = 86_400_000;

/** Null where the plan asks for no copies. */
export async function portableStanding(
  { portable, deadlineMinutes }: Plan,
  vault: string,
  deps: CatalogDeps & { readonly clock: Clock; readonly retentionDays: number },
): Promise<PortableStanding | null> {
  if (!portable) return null;
  const latest = (await portableSeals(vault, deps)).at(-1) ?? null;
  const points = await listPoints(vault, deps);
  const overdue = portableLag(
    points.map(({ runId, status, facts }) => ({ runId, status, sealedAt: facts.lastModified })),
    latest,
    { deadlineMinutes, retentionMs: deps.retentionDays * dayMs, now: deps.clock.now() },
  );
  return { latest, overdue };
}
