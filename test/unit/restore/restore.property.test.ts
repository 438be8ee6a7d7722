/**
 * Whatever a target holds, whatever is asked for, whatever fails on the way and wherever the process dies: every object
 * of the target is as it was or as in the recovery point, and nothing is ever lost.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BackupError, type ErrorCode, NotNow } from '../../../shared/domain/errors.ts';
import { objectKey } from '../../../shared/domain/objects.ts';
import { conflictPolicies } from '../../../shared/domain/restoreRequest.ts';
import { lossesOf, pictureOf, pictureOfPoint, refOf, untruthsOf } from '../../fakes/restoreTruth.ts';
import { backedUp, createRestoreWorld, type RestoreWorld } from '../../fakes/restoreWorld.ts';

const source = await backedUp();
const point = pictureOfPoint(source);
const keys = [...point.keys()].toSorted();

/** An alien is an object of another kind whose name is the same: a certificate and a key or secret exclude each other. */
const states = [
  'absent',
  'same',
  'other',
  'same deleted',
  'other deleted',
  'alien',
  'alien deleted',
] as const;
type State = (typeof states)[number];
const verbs = [
  'restore',
  'backup',
  'remove',
  'deleted',
  'purge',
  'recover',
  'versions',
  'policy',
  'list',
] as const;
const codes = ['forbidden', 'unreachable', 'throttled', 'internal', 'notNow'] as const;

const scene = fc.record({
  states: fc.tuple(...keys.map(() => fc.constantFrom(...states))),
  onConflict: fc.constantFrom(...conflictPolicies, 'replace' as const),
  allowReplace: fc.boolean().map((no) => !no),
  traits: fc.record({
    recoveryLevel: fc.constantFrom('Recoverable+Purgeable', 'Recoverable+Purgeable', 'Recoverable'),
    geography: fc.constantFrom('same' as const, 'same' as const, 'told' as const, 'hidden' as const),
    region: fc.constantFrom('westeurope', 'northeurope', null, 'germanywestcentral'),
    namesVersion: fc.constantFrom('blob' as const, 'live' as const, 'none' as const),
    listsDeletedManaged: fc.boolean(),
    settleMs: fc.constantFrom(0, 2_000),
    limboMs: fc.constantFrom(0, 3_000, 50_000),
  }),
  faults: fc.array(
    fc.record({ verb: fc.constantFrom(...verbs), code: fc.constantFrom(...codes), times: fc.nat(7) }),
    { maxLength: 2 },
  ),
  lost: fc.uniqueArray(
    fc.tuple(fc.constantFrom('restore', 'remove', 'purge', 'recover'), fc.constantFrom(...keys)),
    { maxLength: 2 },
  ),
  crash: fc.option(
    fc.record({ n: fc.integer({ min: 1, max: 70 }), when: fc.constantFrom('before', 'after') }),
    {
      nil: null,
    },
  ),
  /** Production writes to an object at its n-th call. */
  production: fc.option(fc.record({ key: fc.constantFrom(...keys), call: fc.integer({ min: 1, max: 15 }) }), {
    nil: null,
  }),
});
type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never;

/** Another object under the name: a certificate for a key or secret, a lone key for a certificate. */
const alienTo = (key: string) => {
  const { kind, name } = refOf(key);
  return { kind: kind === 'certificate' ? ('key' as const) : ('certificate' as const), name };
};

function furnish(world: RestoreWorld, key: string, state: State): void {
  const ref = state.startsWith('alien') ? alienTo(key) : refOf(key);
  if (state === 'absent') return;
  if (state.startsWith('same')) world.holdAsBackedUp(ref.kind, ref.name);
  else world.target.put(ref.kind, ref.name, { enabled: !state.endsWith('disabled') });
  if (state.endsWith('deleted')) world.target.softDelete(ref.kind, ref.name);
}

function disturb({ target }: RestoreWorld, { faults, lost }: Scene): void {
  for (const { verb, code, times } of faults) {
    let left = times;
    if (left > 0)
      target.errors.set(verb, () => {
        left -= 1;
        if (left === 0) target.errors.delete(verb);
        return code === 'notNow'
          ? new NotNow(5_000)
          : new BackupError(code satisfies ErrorCode, 'by the test');
      });
  }
  for (const [verb, key] of lost) target.lostReplies.add(`${verb} ${key}`);
}

async function play(played: Scene) {
  const { traits, allowReplace, onConflict, crash, production } = played;
  const world = createRestoreWorld(source, { traits, allowReplace });
  keys.forEach((key, at) => {
    furnish(world, key, played.states[at] ?? 'absent');
  });
  const before = new Map(pictureOf(world));
  let audited = true;
  let calls = 0;
  world.target.beforeCall = (operation) => {
    if (/^(restore|remove|purge|recover|setPolicy) /.test(operation)) audited &&= world.audit.blobs.size > 0;
    if (production === null || !operation.endsWith(` ${production.key}`)) return;
    calls += 1;
    const ref = refOf(production.key);
    const there = pictureOf(world).get(production.key);
    if (calls !== production.call || !there?.startsWith('live') || there === point.get(production.key))
      return;
    world.target.put(ref.kind, ref.name);
    before.set(objectKey(ref), pictureOf(world).get(objectKey(ref)) ?? '');
  };
  disturb(world, played);
  const { id } = await world.request({ onConflict });
  if (crash) world.crashAtWrite(crash.n, crash.when as 'before' | 'after');
  await world.drain();
  const first = await world.detail(id);
  const judged = { world, before, point };
  const losses = lossesOf(judged);
  const untruths = untruthsOf(first, judged);
  // Again, undisturbed: what the first could not end, this one does.
  world.survive();
  world.target.errors.clear();
  world.target.lostReplies.clear();
  world.target.beforeCall = () => {};
  const second = await world.restore({ onConflict });
  return {
    ended: [first.step, second.step],
    audited,
    losses,
    untruths,
    lossesLater: lossesOf(judged),
    untruthsLater: second.objects.filter(({ outcome }) => outcome === undefined),
  };
}

test('nothing is ever lost, and every outcome is true', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (played) => {
      expect(await play(played)).toEqual({
        ended: ['ended', 'ended'],
        audited: true,
        losses: [],
        untruths: [],
        lossesLater: [],
        untruthsLater: [],
      });
    }),
    { numRuns: 500 },
  );
});
