/** A verification world with one backup, made the night before the day's verification. */
import { type VerifyWorld, verifying } from '../../fakes/verifyWorld.ts';
import { createWorld, runId } from '../../fakes/world.ts';

const firstNight = '2026-11-22T02:00:00Z';

export async function backedUp(): Promise<VerifyWorld> {
  const world = createWorld();
  // Made long before, so that they may be carried.
  world.clock.set(new Date('2026-11-01T00:00:00Z'));
  world.vault.put('secret', 'a');
  world.vault.put('secret', 'b');
  world.vault.put('key', 'k');
  const verify = verifying(world);
  await verify.backUp(firstNight);
  world.clock.set(new Date('2026-11-22T05:30:00Z'));
  world.events.length = 0;
  return verify;
}
export const blobOf = ({ world }: VerifyWorld, name: string, id = runId) =>
  world.lines(id).find((line) => line.name === name)?.blob ?? '';
export const night = (day: number) => `2026-11-${day}T02:00:00Z`;
export const at = ({ world }: VerifyWorld, text: string) => world.clock.set(new Date(text));
