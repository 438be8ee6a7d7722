/** Runs that look at versions, in the world of memory: night after night, or a full run, which looks at everything. */
import { startVaults } from '../../shared/backup/startPlan.ts';
import { objectKey } from '../../shared/domain/objects.ts';
import type { IndexLine } from '../../shared/domain/recoveryPoint.ts';
import type { World } from './world.ts';

export const firstNight = Date.parse('2026-11-22T02:00:00Z');
const dayMs = 86_400_000;

/** Gives the run id. */
export async function night(world: World, n = 0): Promise<string> {
  const at = new Date(firstNight + n * dayMs);
  world.clock.set(at);
  world.vault.made.length = 0;
  await world.fireTimer();
  await world.drain();
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

export const startNow = (world: World, full: boolean) =>
  startVaults(
    world.plan.vaults.map((vault) => ({ plan: world.plan, vault, full })),
    world.deps,
  );

/** The timer starts full runs. */
export const everything = (world: World): World =>
  Object.assign(world, { fireTimer: async () => void (await startNow(world, true)) });

export const looked = (world: World): string[] =>
  world.vault.made.filter((call) => call.startsWith('versions '));

export const lineOf = (world: World, runId: string, key: string): IndexLine | undefined =>
  world.lines(runId).find((line) => objectKey(line) === key);

/** A secret with that many versions, the newest an hour old. */
export function many(world: World, name: string, versions: number): void {
  for (let n = 0; n < versions; n += 1) world.vault.put('secret', name);
}
