/** A world whose vault holds a little of everything. */
import { objectKey } from '../../shared/domain/objects.ts';
import type { World } from './world.ts';

export function seeded(world: World): World {
  for (const name of ['db-password', 'API-key', 'old']) world.vault.put('secret', name);
  world.vault.put('key', 'signing');
  world.vault.put('certificate', 'www');
  world.vault.put('secret', 'www', { managed: true });
  world.vault.put('key', 'www', { managed: true });
  return world;
}

/** objectKey → outcome, of the sealed point. */
export const outcomes = (world: World) =>
  Object.fromEntries(world.lines().map((line) => [objectKey(line), line.outcome]));
