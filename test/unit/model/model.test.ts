/**
 * Whatever happens to a vault and in whatever order, with faults and deaths in between: each backup is what the simple
 * model of a vault says, the points stay chained, and every point that has not expired gives back what it held.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { kinds, sha256Hex } from '../../../shared/domain/objects.ts';
import { createWorld } from '../../fakes/world.ts';
import { BackUp, Pass, Put, pointsOf, Remove, Restore } from './commands.ts';
import { newModel } from './model.ts';

const kind = fc.constantFrom(...kinds);
/** Each kind has names of its own: a certificate and a key of one name exclude each other. */
const ref = kind.chain((of) => fc.constantFrom('a', 'b', 'c').map((end) => ({ of, name: `${of}-${end}` })));
const trouble = fc.record({
  about: fc.constantFrom(
    '*',
    'list secret',
    'list key',
    'secrets/secret-a',
    'keys/key-a',
    'certificates/certificate-a',
  ),
  code: fc.constantFrom(
    'forbidden' as const,
    'unreachable' as const,
    'throttled' as const,
    'internal' as const,
  ),
  times: fc.integer({ min: 1, max: 9 }),
});

const commands = fc.commands(
  [
    ref.map(({ of, name }) => new Put(of, name)),
    ref.map(({ of, name }) => new Put(of, name)),
    ref.map(({ of, name }) => new Remove(of, name)),
    fc.constantFrom(1, 24, 24 * 8, 24 * 50).map((hours) => new Pass(hours)),
    fc
      .tuple(
        fc.boolean(),
        fc.option(trouble, { nil: null, freq: 2 }),
        fc.option(fc.integer({ min: 1, max: 25 }), { nil: null, freq: 2 }),
      )
      .map((how) => new BackUp(...how)),
    fc.nat(9).map((which) => new Restore(which)),
  ],
  { maxCommands: 25, size: 'max' },
);

test('backups and restores are what the model says', async () => {
  let backups = 0;
  await fc.assert(
    fc.asyncProperty(commands, async (played) => {
      const world = createWorld();
      await fc.asyncModelRun(() => ({ model: newModel(), real: world }), played);
      const points = pointsOf(world);
      backups += points.length;
      points.forEach((point, at) => {
        const before = points[at - 1];
        const blob = world.backups.blobs.get(`contoso/recovery-points/${before?.runId}.json`);
        const link = before && blob ? { runId: before.runId, sha256: sha256Hex(blob.bytes) } : null;
        expect(point.previous).toEqual(link);
      });
    }),
    { numRuns: 150, seed: 20_261_122 },
  );
  expect(backups).toBeGreaterThan(200);
}, 60_000);
