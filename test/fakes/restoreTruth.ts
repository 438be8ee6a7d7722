/**
 * What must be true of a target after a restore, judged from outside: every object is as it was or as in the recovery
 * point, whatever gave way lies as a copy in the safety container, and every outcome says what is there.
 */
import { type Kind, kinds, type ObjectRef, objectKey, sha256Hex } from '../../shared/domain/objects.ts';
import type { RestoreDetail } from '../../shared/domain/restoreViews.ts';
import { type FakeVersion, openBlob } from './fakeBlob.ts';
import { type RestoreWorld, targetName } from './restoreWorld.ts';
import type { Phase } from './targetShelf.ts';
import type { World } from './world.ts';

/** objectKey → what is there, as text; managed objects go with their certificate. */
export type Picture = ReadonlyMap<string, string>;

const fingerprint = (versions: readonly FakeVersion[]) => JSON.stringify(versions);
const settledPhases: readonly Phase[] = ['live', 'deleted', 'deleting', 'recovering'];

export function pictureOf({ target }: RestoreWorld): Picture {
  const picture = new Map<string, string>();
  for (const kind of kinds)
    for (const phase of settledPhases)
      for (const held of target.shelf.all(kind, phase))
        if (!held.managed) picture.set(objectKey(held), `${phase} ${fingerprint(held.versions)}`);
  return picture;
}

/** How each object of the recovery point looks when it is live. */
export function pictureOfPoint(source: World): Picture {
  const picture = new Map<string, string>();
  for (const line of source.lines()) {
    const stored = source.backups.blobs.get(line.blob ?? '');
    const content = stored && openBlob(line.kind, stored.bytes);
    if (content) picture.set(objectKey(line), `live ${fingerprint(content.versions)}`);
  }
  return picture;
}

/** What the safety container holds of an object, whole and under its digest. */
function safetyCopies({ safety }: RestoreWorld, key: string): string[] {
  const copies: string[] = [];
  for (const [name, { bytes, metadata }] of safety.blobs) {
    const kind = kinds.find((each) => each === metadata['kind']);
    const content = kind && name.startsWith(`${targetName}/`) ? openBlob(kind, bytes) : null;
    if (content && objectKey(content) === key && metadata['sha256'] === sha256Hex(bytes))
      copies.push(fingerprint(content.versions));
  }
  return copies;
}

export interface Judged {
  readonly world: RestoreWorld;
  /** What was there before, or what production last made of it. */
  readonly before: Picture;
  readonly point: Picture;
}

/**
 * A soft-deleted object that was to be replaced and could not be: it was recovered for its safety copy, and stays.
 */
const isRevived = (was: string | undefined, is: string | undefined) =>
  was?.startsWith('deleted ') === true && is === was.replace('deleted', 'live');

/** One sentence per object that is neither as it was nor as in the recovery point, or whose former self is lost. */
export function lossesOf({ world, before, point }: Judged): string[] {
  const after = pictureOf(world);
  const losses: string[] = [];
  for (const key of new Set([...before.keys(), ...after.keys(), ...point.keys()])) {
    const [was, is, wanted] = [before.get(key), after.get(key), point.get(key)];
    if (is === was || isRevived(was, is)) continue;
    if (is !== wanted) losses.push(`${key} was ${was ?? 'absent'} and is ${is ?? 'absent'}`);
    const former = was?.slice(was.indexOf(' ') + 1);
    if (former !== undefined && !wanted?.endsWith(former) && !safetyCopies(world, key).includes(former))
      losses.push(`${key} was ${was}, and there is no copy of it`);
  }
  return losses;
}

/** One sentence per object whose outcome is missing, doubled or does not say what is there. */
export function untruthsOf(detail: RestoreDetail, { world, before, point }: Judged): string[] {
  const after = pictureOf(world);
  const keys = detail.objects.map(({ object }) => object);
  const doubled = keys.filter((key, at) => keys.indexOf(key) !== at).map((key) => `${key} is told twice`);
  const untrue = detail.objects.flatMap(({ object, outcome, reason }) => {
    const asBefore =
      after.get(object) === before.get(object) || isRevived(before.get(object), after.get(object));
    const asWanted = after.get(object) === point.get(object);
    switch (outcome) {
      case undefined:
        return [`${object} has no outcome`];
      case 'restored':
      case 'recovered':
      case 'replaced':
        return asWanted ? [] : [`${object} is ${outcome}, but is ${after.get(object)}`];
      case 'skipped':
      case 'blocked':
        return asBefore ? [] : [`${object} is ${outcome}, but is ${after.get(object)}`];
      case 'conflict':
        return asWanted && !asBefore ? [`${object} is a conflict (${reason}), but it came back`] : [];
      // They do not say that it is not there: the last look may have failed.
      case 'differs':
      case 'failed':
        return [];
      default:
        return outcome satisfies never;
    }
  });
  return [...doubled, ...untrue];
}

export const refOf = (key: string): ObjectRef => {
  const [plural = '', name = ''] = key.split('/');
  const kind: Kind = kinds.find((each) => plural.startsWith(each)) ?? 'secret';
  return { kind, name };
};
