/** What can happen, as commands: each does it to the product and to the model, and compares the two. */
import type * as fc from 'fast-check';
import { expect } from 'vitest';
import { startVaults } from '../../../shared/backup/startPlan.ts';
import { BackupError, type ErrorCode, RequestRefused } from '../../../shared/domain/errors.ts';
import { type Kind, objectKey } from '../../../shared/domain/objects.ts';
import { parseIndex, parseRecoveryPoint, type RecoveryPoint } from '../../../shared/domain/recoveryPoint.ts';
import { refOf } from '../../fakes/restoreTruth.ts';
import { createRestoreWorld } from '../../fakes/restoreWorld.ts';
import { vaultName, type World } from '../../fakes/world.ts';
import { type Contents, contentOf, contentsNow, type Model } from './model.ts';

export type Command = fc.AsyncCommand<Model, World>;
const hour = 3_600_000;
const retentionMs = 90 * 24 * hour;

const text = (world: World, blob: string) =>
  Buffer.from(world.backups.blobs.get(blob)?.bytes ?? []).toString('utf8');

/** All points as they lie in the container, oldest first. */
export const pointsOf = (world: World): RecoveryPoint[] =>
  [...world.backups.blobs.keys()]
    .filter((name) => name.includes('/recovery-points/'))
    .toSorted()
    .map((name) => parseRecoveryPoint(text(world, name)));

export class Put implements Command {
  readonly kind: Kind;
  readonly name: string;
  constructor(kind: Kind, name: string) {
    this.kind = kind;
    this.name = name;
  }
  check = () => true;
  async run(model: Model, world: World): Promise<void> {
    // A change in the same second as the one before is a new version all the same.
    world.clock.advance(1000);
    world.vault.put(this.kind, this.name);
    model.names.set(objectKey(this), { kind: this.kind, name: this.name });
  }
  toString = () => `put ${objectKey(this)}`;
}

export class Remove implements Command {
  readonly kind: Kind;
  readonly name: string;
  constructor(kind: Kind, name: string) {
    this.kind = kind;
    this.name = name;
  }
  check = (model: Readonly<Model>) => model.names.has(objectKey(this));
  async run(model: Model, world: World): Promise<void> {
    world.vault.remove(this.kind, this.name);
    model.names.delete(objectKey(this));
  }
  toString = () => `remove ${objectKey(this)}`;
}

export class Pass implements Command {
  readonly hours: number;
  constructor(hours: number) {
    this.hours = hours;
  }
  check = () => true;
  async run(_model: Model, world: World): Promise<void> {
    world.clock.advance(this.hours * hour);
  }
  toString = () => `${this.hours} hours pass`;
}

export interface Trouble {
  readonly about: string;
  readonly code: ErrorCode;
  readonly times: number;
}

export class BackUp implements Command {
  readonly full: boolean;
  readonly trouble: Trouble | null;
  readonly crashAt: number | null;
  constructor(full: boolean, trouble: Trouble | null, crashAt: number | null) {
    this.full = full;
    this.trouble = trouble;
    this.crashAt = crashAt;
  }
  check = () => true;

  async run(model: Model, world: World): Promise<void> {
    world.clock.advance(1000);
    disturb(world, this.trouble);
    const contents = await contentsNow(world, model);
    const before = pointsOf(world).length;
    const startedAt = world.clock.now().getTime();
    if (this.crashAt !== null) world.crashAtWrite(this.crashAt, this.crashAt % 2 ? 'before' : 'after');
    await ask(world, this.full);
    await world.drain();
    world.vault.errors.clear();
    expect(world.run()).toBeNull();
    const point = pointsOf(world).at(-1);
    expect(pointsOf(world)).toHaveLength(before + 1);
    if (!point) return;
    if (this.trouble === null) expect([point.status, point.reason]).toEqual(['complete', null]);
    if (point.status !== 'complete') expect(point.reason).toBeTruthy();
    model.points.push({ runId: point.runId, startedAt, contents: heldBy(point, world, contents) });
  }
  toString = () => `back up${this.full ? ' fully' : ''} ${JSON.stringify([this.trouble, this.crashAt])}`;
}

async function ask(world: World, full: boolean): Promise<void> {
  const [vault] = world.plan.vaults;
  if (!vault) throw new Error('the plan has no vault');
  await startVaults([{ plan: world.plan, vault, full }], world.deps);
  if (!world.isDead()) return;
  // Whoever got no answer asks again; a run that stands still is nudged by that.
  world.survive();
  world.clock.advance(60_000);
  await startVaults([{ plan: world.plan, vault, full }], world.deps);
}

function disturb({ vault }: World, trouble: Trouble | null): void {
  if (trouble === null) return;
  let left = trouble.times;
  vault.errors.set(trouble.about, () => {
    left -= 1;
    if (left <= 0) vault.errors.delete(trouble.about);
    return new BackupError(trouble.code, 'by the test', { hint: 'None.' });
  });
}

/** The point accounts for each object, and what it holds is what the vault held. Gives what can be restored from it. */
function heldBy(point: RecoveryPoint, world: World, vault: Contents) {
  const unlisted = new Set(point.unlisted.map(({ kind }) => kind));
  const lines = new Map(parseIndex(text(world, point.index.blob)).map((line) => [objectKey(line), line]));
  const held = new Map<string, string>();
  for (const [key, content] of vault) {
    const line = lines.get(key);
    const excused = point.counts.listed === 0 || [...unlisted].some((kind) => key.startsWith(kind));
    if (!line) expect([key, excused]).toEqual([key, true]);
    if (!line || line.outcome === 'failed') continue;
    expect(['stored', 'carried']).toContain(line.outcome);
    const stored = world.backups.blobs.get(line.blob ?? '');
    expect([key, stored && contentOf(line.kind, stored.bytes)]).toEqual([key, content]);
    held.set(key, content);
  }
  if (point.counts.listed > 0) for (const key of lines.keys()) expect(vault.has(key)).toBe(true);
  return held;
}

/** Into an empty vault, from any point there ever was. */
export class Restore implements Command {
  readonly which: number;
  constructor(which: number) {
    this.which = which;
  }
  check = ({ points }: Readonly<Model>) => points.length > 0;

  async run(model: Model, world: World): Promise<void> {
    const { runId, startedAt, contents } = model.points[
      this.which % model.points.length
    ] as Model['points'][0];
    const other = createRestoreWorld(world);
    const asked = { recoveryPoint: runId, allowPartial: true, vault: vaultName };
    const expired = world.clock.now().getTime() >= startedAt + retentionMs;
    if (expired || contents.size === 0) {
      await expect(other.restore(asked)).rejects.toBeInstanceOf(RequestRefused);
      return;
    }
    const { status, objects } = await other.restore(asked);
    expect(objects.map(({ object, outcome }) => [object, outcome])).toEqual(
      [...contents.keys()].toSorted().map((key) => [key, 'restored']),
    );
    expect(status).toBe('complete');
    for (const [key, content] of contents)
      expect(other.target.shelf.get(refOf(key))?.versions).toEqual(JSON.parse(content));
  }
  toString = () => `restore from point ${this.which}`;
}
