/**
 * Two workers at one object: whenever the second one does all of it between two calls of the first, or goes as far as
 * it comes before it has to wait, nothing is lost.
 */
import { describe, expect, test } from 'vitest';
import type { TargetVault } from '../../../shared/ports/targetVault.ts';
import { restoreObject } from '../../../shared/restore/restoreObject.ts';
import { lossesOf, pictureOf, pictureOfPoint, untruthsOf } from '../../fakes/restoreTruth.ts';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();
const point = pictureOfPoint(source);
const asked = { onConflict: 'replace' as const };

function furnished(settleMs: number): RestoreWorld {
  const world = createRestoreWorld(source, { traits: { settleMs, limboMs: 0 } });
  world.holdAsBackedUp('secret', 'api-key');
  world.target.softDelete('secret', 'api-key');
  world.target.put('secret', 'db-password');
  world.target.put('key', 'signing');
  world.target.softDelete('key', 'signing');
  return world;
}

/** Every call about one object, in the order of a restore that nobody crosses. */
async function callsAbout(object: string, settleMs: number): Promise<string[]> {
  const world = furnished(settleMs);
  await world.restore(asked);
  return world.target.made.filter((call) => call.endsWith(` ${object}`));
}
const objects = ['secrets/db-password', 'keys/signing', 'secrets/api-key', 'certificates/www'];
/** All of it where everything settles at once; else up to its first wait. */
const others = [
  { does: 'all of it', settleMs: 0, rounds: 9 },
  { does: 'the first part of it', settleMs: 2_000, rounds: 1 },
];
const crossings = (
  await Promise.all(
    others.flatMap((other) =>
      objects.map(async (object) =>
        (
          await callsAbout(object, other.settleMs)
        ).map((call, at) => ({
          ...other,
          object,
          call: call.split(' ')[0],
          nth: at + 1,
        })),
      ),
    ),
  )
).flat();

/** The job of an object, as often as it goes back. */
async function workAlone(
  object: string,
  rounds: number,
  world: RestoreWorld,
  calls: TargetVault,
): Promise<void> {
  const deps = { ...world.deps, targetOf: () => ({ ...world.target, calls }) };
  // A snapshot: what goes back is sent anew.
  for (const message of world.queue.sent.slice()) {
    const { job } = message;
    if (job.type !== 'restoreObject' || !object.endsWith(`/${job.planned.line.name.toLowerCase()}`)) continue;
    for (let round = 0; round < rounds; round += 1)
      if ((await restoreObject({ message, job, last: false }, deps)) !== 'deferred') return;
  }
}

describe('another worker', () => {
  test('there are calls to cross', () => expect(crossings.length).toBeGreaterThan(45));

  test.each(crossings)(
    'does $does of $object before call $nth, $call',
    async ({ object, nth, settleMs, rounds }) => {
      const world = furnished(settleMs);
      const before = pictureOf(world);
      const { calls } = world.target;
      let seen = 0;
      let crossed = false;
      const cross = async <T>(call: () => Promise<T>, about: string): Promise<T> => {
        seen += about === object ? 1 : 0;
        if (seen === nth && !crossed) {
          crossed = true;
          await workAlone(object, rounds, world, calls);
        }
        return call();
      };
      const keyOf = (name: string) => `keys/${name.toLowerCase()}`;
      const of = ({ kind, name }: { kind: string; name: string }) => `${kind}s/${name.toLowerCase()}`;
      const first: TargetVault = {
        ...calls,
        versions: (ref) => cross(() => calls.versions(ref), of(ref)),
        // The blob names its object to nobody; the call before or after does.
        restore: (kind, blob) => cross(() => calls.restore(kind, blob), object),
        backup: (ref) => cross(() => calls.backup(ref), of(ref)),
        remove: (ref) => cross(() => calls.remove(ref), of(ref)),
        deleted: (ref) => cross(() => calls.deleted(ref), of(ref)),
        purge: (ref) => cross(() => calls.purge(ref), of(ref)),
        recover: (ref) => cross(() => calls.recover(ref), of(ref)),
        rotationPolicy: (name) => cross(() => calls.rotationPolicy(name), keyOf(name)),
        setRotationPolicy: (name, policy) => cross(() => calls.setRotationPolicy(name, policy), keyOf(name)),
      };
      Object.assign(world.deps, { targetOf: () => ({ ...world.target, calls: first }) });
      const detail = await world.restore(asked);
      const judged = { world, before, point };
      expect([...lossesOf(judged), ...untruthsOf(detail, judged)]).toEqual([]);
      expect([crossed, detail.status]).toEqual([true, 'complete']);
    },
  );
});
