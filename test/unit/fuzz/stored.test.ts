/**
 * What lies in storage is spoiled in the middle of the work: everything ends, each error is one of ours and says which
 * blob, and once what is spoiled is deleted (state) or left behind (immutable) the next piece of work is whole.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { statusQueries } from '../../../shared/backup/status.ts';
import { BackupError, NotNow } from '../../../shared/domain/errors.ts';
import { verificationDetail } from '../../../shared/verify/verificationStatus.ts';
import { askForDrill, drill, drillOrder, recordOf } from '../../fakes/drills.ts';
import type { MemoryContainer } from '../../fakes/memoryContainer.ts';
import { createPortableWorld } from '../../fakes/portableWorld.ts';
import type { Pump } from '../../fakes/pump.ts';
import { backedUp, createRestoreWorld } from '../../fakes/restoreWorld.ts';
import { vaultName } from '../../fakes/world.ts';
import { at, night, backedUp as verified } from '../verify/backedUp.ts';
import { seed, spoiledText } from './junk.ts';

const mostSteps = 600;

/** As long as a night: what cannot be read may stand in the poison queue until somebody deletes it. */
async function forLong(pump: Pump): Promise<void> {
  for (let step = 0; step < mostSteps; step += 1) if (!(await pump.step())) return;
}

async function someSteps(pump: Pump, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) await pump.step();
}

const isClear = (error: unknown) =>
  error instanceof NotNow ||
  (error instanceof BackupError &&
    !/is not a function|is not iterable|Cannot read properties|Invalid time value/.test(error.message) &&
    (error.code !== 'corruptBlob' || error.hint !== ''));

const unclear = (errors: readonly unknown[]) =>
  errors
    .filter((error) => !isClear(error))
    .map((error) => (error instanceof Error ? error.stack : String(error)));

/** What a question is answered with: an error of ours, or an answer. */
const asked = (question: Promise<unknown>): Promise<unknown> =>
  question.then(
    () => null,
    (error: unknown) => error,
  );

interface Spoiled {
  readonly container: MemoryContainer;
  readonly name: string;
}

/** Spoils one of the blobs, by numbers that the property chooses. */
function spoil(
  containers: readonly MemoryContainer[],
  { which, how }: { which: number; how: number },
): Spoiled | null {
  const all = containers.flatMap((container) =>
    [...container.blobs.keys()].sort().map((name): Spoiled => ({ container, name })),
  );
  const one = all[which % Math.max(1, all.length)];
  const stored = one?.container.blobs.get(one.name);
  if (!one || !stored) return null;
  const text = Buffer.from(stored.bytes).toString('latin1');
  const [changed = ''] = fc.sample(spoiledText(text), { seed: how, numRuns: 1 });
  one.container.blobs.set(one.name, { ...stored, bytes: Buffer.from(changed, 'latin1'), etag: `"${how}"` });
  return one;
}

const inputs = fc.record({ steps: fc.nat({ max: 30 }), which: fc.nat({ max: 5_000 }), how: fc.nat() });
const settings = { seed, numRuns: 40 };

test('a backup', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async ({ steps, ...choice }) => {
      const { world } = await verified();
      world.clock.set(new Date(night(23)));
      await world.fireTimer();
      await someSteps(world, steps);
      const spoiled = spoil([world.state, world.backups], choice);
      await forLong(world);
      const status = statusQueries({ ...world.deps, plans: [world.plan] });
      const answers = await Promise.all([
        asked(status.vaults()),
        asked(status.points(vaultName)),
        asked(status.point(vaultName, 'latest')),
      ]);
      if (spoiled?.container === world.state) world.state.blobs.delete(spoiled.name);
      await world.drain();
      expect(unclear([...world.errors, ...answers.filter((answer) => answer !== null)])).toEqual([]);

      world.clock.set(new Date(night(24)));
      await world.fireTimer();
      await world.drain();
      expect(world.point('20261124T020000Z')).toMatchObject({ status: 'complete', counts: { listed: 3 } });
    }),
    settings,
  );
});

test('a verification', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async ({ steps, ...choice }) => {
      const verify = await verified();
      await verify.daily();
      at(verify, '2026-11-23T05:30:00Z');
      await verify.fireDaily();
      await someSteps(verify.pump, steps % 6);
      const { state, backups, audit } = verify.world;
      const spoiled = spoil([state, backups, audit], choice);
      await forLong(verify.pump);
      const detail = await asked(verificationDetail('contoso-20261123T053000Z', verify.deps));
      if (spoiled?.container === state) state.blobs.delete(spoiled.name);
      expect(unclear([...verify.pump.errors, ...(detail === null ? [] : [detail])])).toEqual([]);

      at(verify, '2026-11-24T05:30:00Z');
      await verify.fireDaily();
      await forLong(verify.pump);
      expect([...audit.blobs.keys()]).toContain('verifications/contoso/20261124T053000Z.json');
    }),
    settings,
  );
});

const source = await backedUp();

test('a restore', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async ({ steps, ...choice }) => {
      const world = createRestoreWorld(source);
      const { id } = await world.request({ onConflict: 'replace' }, 'a key');
      await someSteps(world, steps);
      const spoiled = spoil([world.state, world.backups, world.audit], choice);
      await forLong(world);
      const shown = await asked(world.detail(id));
      const again = await asked(world.request({ onConflict: 'replace' }, 'a key'));
      expect(unclear([...world.errors, ...[shown, again].filter((answer) => answer !== null)])).toEqual([]);
      const isState = spoiled?.name === `restores/${id}.json`;
      const { status, counts } = isState ? { status: 'unknown', counts: null } : await world.detail(id);
      expect(status).not.toBe('running');
      const told = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
      expect([status, status === 'complete' ? told : 4]).toEqual([status, 4]);

      if (spoiled?.container !== world.state) return;
      world.state.blobs.delete(spoiled.name);
      expect(await world.restore({ onConflict: 'skip' })).toMatchObject({ status: 'complete' });
    }),
    settings,
  );
});

/** Encryption takes its time. */
const fewer = { seed, numRuns: 20 };

test('portable copies', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async ({ steps, ...choice }) => {
      const world = createPortableWorld(await backedUp());
      await world.look();
      await someSteps(world, steps);
      const spoiled = spoil([world.state, world.source.backups], choice);
      await forLong(world);
      const looked = await asked(world.look());
      expect(unclear([...world.errors, ...(looked === null ? [] : [looked])])).toEqual([]);
      if (spoiled?.container === world.state) world.state.blobs.delete(spoiled.name);
      await forLong(world);

      world.source.clock.set(new Date(night(24)));
      await world.source.fireTimer();
      await world.source.drain();
      await world.copyAll();
      expect(world.point('20261124T020000Z')).toMatchObject({ status: 'complete' });
    }),
    fewer,
  );
});

const copied = createPortableWorld(await backedUp());
await copied.copyAll();

test('a restore by portable copies', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async ({ steps, ...choice }) => {
      const world = createRestoreWorld(copied.source, { portable: true });
      const { id } = await world.request({ mode: 'portable' }, 'a key');
      await someSteps(world, steps);
      const spoiled = spoil([world.state, world.backups, world.audit], choice);
      await forLong(world);
      const shown = await asked(world.detail(id));
      expect(unclear([...world.errors, ...(shown === null ? [] : [shown])])).toEqual([]);
      const isState = spoiled?.name === `restores/${id}.json`;
      expect(isState ? 'unknown' : (await world.detail(id)).status).not.toBe('running');
      // Whatever was spoiled, nothing came twice or from another object.
      const values = ['db-password', 'www'].flatMap((name) =>
        world.target.valuesOf({ kind: name === 'www' ? 'certificate' : 'secret', name }),
      );
      expect(new Set(values).size).toBe(values.length);
    }),
    fewer,
  );
});

test('a drill', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async ({ steps, ...choice }) => {
      const world = createRestoreWorld(source);
      await askForDrill(world);
      await someSteps(world, steps);
      const spoiled = spoil([world.state, world.backups, world.audit], choice);
      await forLong(world);
      expect(unclear(world.errors)).toEqual([]);
      const isItsOwn = spoiled?.name.startsWith('drills/') === true;
      const status = isItsOwn ? 'unknown' : recordOf(world)?.status;
      expect([spoiled?.name, status]).toEqual([spoiled?.name, expect.stringMatching(/./)]);

      if (spoiled?.container !== world.state) return;
      world.state.blobs.delete(spoiled.name);
      await world.drain();
      const later = await drill(world, drillOrder('20261130T040000Z'));
      // Its own state may have been spoiled into one that can be read and is not true: then it must say what it met.
      const isTold = isItsOwn && later.status === 'failed' && later.reason !== null;
      expect(isTold || (later.status === 'complete' && later.cleaned)).toBe(true);
    }),
    settings,
  );
});
