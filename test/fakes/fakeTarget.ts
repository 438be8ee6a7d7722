/**
 * A vault that is restored into, in memory, with the refusals of the real one: taken
 * names, certificates that own a key and a secret, deleting and recovering that settle later, the limbo after a purge,
 * purge protection, blobs of another geography. It opens the blobs of fakeVault and its own. Named faults: errors by
 * operation or object, replies that are lost after the operation took effect, and production that writes in between.
 */
import { BackupError } from '../../shared/domain/errors.ts';
import { type Kind, type ObjectRef, objectKey } from '../../shared/domain/objects.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { TargetPage, TargetVault, VersionFacts } from '../../shared/ports/targetVault.ts';
import type { GovernedTarget } from '../../shared/restore/deps.ts';
import { currentOf, type FakeContent, type FakeVersion, openBlob, sealBlob, versionId } from './fakeBlob.ts';
import {
  cannotDecrypt,
  listedAs,
  type TargetTraits,
  unknownFacts,
  usualTraits,
  withDefault,
} from './targetFacts.ts';
import { createShelf, type Held, type Phase, type TargetShelf } from './targetShelf.ts';
import { createTargetValues, type TargetValues } from './targetValues.ts';

export interface FakeTarget extends GovernedTarget, Pick<TargetValues, 'valuesOf'> {
  readonly traits: TargetTraits;
  readonly shelf: TargetShelf;
  /** Every call by name, such as `restore secrets/db-password` or `list secret`. */
  readonly made: string[];
  /** Operations that changed the vault. */
  writes(): number;
  /** Thrown by an operation (`purge secrets/x`), by a verb (`purge`), on an object (`secrets/x`), or by all (`*`). */
  readonly errors: Map<string, () => Error>;
  /** Operations whose next reply is lost after they took effect. */
  readonly lostReplies: Set<string>;
  beforeCall: (operation: string) => void;
  /** What production does: makes an object, or a new version of a live one. Returns the version id. */
  put(kind: Kind, name: string, fields?: Partial<FakeVersion>): string;
  /** Changes the current version's attributes, as a PATCH does. */
  edit(kind: Kind, name: string, fields: Partial<FakeVersion>): void;
  /** Soft-deletes, settled at once. */
  softDelete(kind: Kind, name: string): void;
  pausedMs: number;
}

export function fakeTarget(clock: Clock, changed: Partial<TargetTraits> = {}, pageSize = 25): FakeTarget {
  const traits = { ...usualTraits, ...changed };
  const shelf = createShelf(clock);
  const errors = new Map<string, () => Error>();
  const lostReplies = new Set<string>();
  const made: string[] = [];
  let writes = 0;
  let nonce = 0;
  let taken = 0;
  let unreachable: string[] = [];

  async function call<T>(verb: string, subject: string, effect: () => T): Promise<T> {
    const operation = `${verb} ${subject}`;
    fake.beforeCall(operation);
    made.push(operation);
    const error = [operation, verb, subject, '*'].map((name) => errors.get(name)).find(Boolean);
    if (error) throw error();
    const result = effect();
    if (lostReplies.delete(operation)) throw new BackupError('unreachable', 'the reply was lost');
    unreachable = [];
    fake.pausedMs = 0;
    return result;
  }
  async function write<T>(verb: string, subject: string, effect: () => T): Promise<T> {
    return call(verb, subject, () => {
      const result = effect();
      writes += 1;
      return result;
    });
  }
  const recoveryLevel = () => traits.recoveryLevel;
  const factsOf = (version: FakeVersion): VersionFacts => ({ ...version, recoveryLevel: recoveryLevel() });
  /** The object, in this phase and nobody's property; refused as the vault would. */
  function inPhase(ref: ObjectRef, phase: Phase): Held {
    const found = shelf.get(ref);
    if (found && phase === 'deleted' && (found.phase === 'deleting' || found.phase === 'recovering'))
      throw new BackupError('conflict', `${objectKey(ref)} is ${found.phase}`);
    if (found?.phase !== phase) throw new BackupError('notFound', `there is no ${phase} ${objectKey(ref)}`);
    if (found.managed) throw new BackupError('managed', `a certificate owns ${objectKey(ref)}`);
    return found;
  }
  function page(objects: readonly Held[], next: string | null): TargetPage {
    const from = Number(next ?? 0);
    const listed = objects.slice(from, from + pageSize).map((object) => listedAs(object, recoveryLevel()));
    return { objects: listed, next: from + pageSize < objects.length ? String(from + pageSize) : null };
  }
  function namedIn(content: FakeContent, geography: TargetTraits['geography']): { conflictVersion?: string } {
    const inTheWay = shelf.get(content)?.versions.at(-1)?.version;
    if (traits.namesVersion === 'live' && inTheWay) return { conflictVersion: inTheWay };
    const decrypted = traits.namesVersion === 'blob' && geography === 'same';
    return decrypted ? { conflictVersion: currentOf(content.versions).version } : {};
  }
  function restored(content: FakeContent): VersionFacts {
    const { kind, name, versions, sealedBy } = content;
    const geography = sealedBy === 'target' ? 'same' : traits.geography;
    if (geography === 'told') throw cannotDecrypt();
    if (shelf.isTaken({ kind, name })) {
      throw new BackupError(
        'conflict',
        `there was a conflict restoring the ${kind}`,
        namedIn(content, geography),
      );
    }
    if (geography === 'hidden') throw cannotDecrypt();
    shelf.place({ kind, name }, versions);
    return factsOf(currentOf(versions));
  }

  const values = createTargetValues({ shelf, write, factsOf, put: (...args) => fake.put(...args) });

  const vault: TargetVault = {
    listPage: (kind, next) => call('list', kind, () => page(shelf.all(kind, 'live'), next)),
    listDeletedPage: (kind, next) =>
      call('listDeleted', kind, () => {
        const shown = shelf
          .all(kind, 'deleted')
          .filter((held) => !held.managed || traits.listsDeletedManaged);
        return page(shown, next);
      }),
    versions: (ref) =>
      call('versions', objectKey(ref), () => {
        const found = shelf.get(ref);
        const live = found?.phase === 'live' ? found.versions : [];
        return live
          .map((version) => ({ ...factsOf(version), publicKeyDigest: null }))
          .sort((a, b) => (a.version < b.version ? -1 : 1));
      }),
    restore(kind, blob) {
      const content = openBlob(kind, blob);
      return write('restore', content ? objectKey(content) : `malformed ${kind}`, () => {
        if (!content) throw new BackupError('corruptBlob', 'malformed backup blob');
        return restored(content);
      });
    },
    backup: (ref) =>
      call('backup', objectKey(ref), () => {
        const { kind, name, versions } = inPhase(ref, 'live');
        nonce += 1;
        return sealBlob({ kind, name, versions, sealedBy: 'target' }, nonce);
      }),
    remove: (ref) =>
      write('remove', objectKey(ref), () => {
        const { versions } = inPhase(ref, 'live');
        shelf.move(ref, 'deleting', traits.settleMs);
        return factsOf(currentOf(versions));
      }),
    deleted: (ref) =>
      call('deleted', objectKey(ref), () => {
        const found = shelf.get(ref);
        if (found?.phase !== 'deleted') return null;
        const current = currentOf(found.versions);
        const hidden = ref.kind === 'secret' && current.enabled === false;
        return hidden
          ? { ...unknownFacts, version: '', enabled: false, recoveryLevel: null }
          : factsOf(current);
      }),
    purge: (ref) =>
      write('purge', objectKey(ref), () => {
        inPhase(ref, 'deleted');
        if (!traits.recoveryLevel.includes('Purgeable'))
          throw new BackupError('forbidden', 'purge protection is on');
        shelf.drop(ref, traits.limboMs);
      }),
    recover: (ref) =>
      write('recover', objectKey(ref), () => {
        inPhase(ref, 'deleted');
        shelf.move(ref, 'recovering', traits.settleMs);
      }),
    rotationPolicy: (name) =>
      call('policy', objectKey({ kind: 'key', name }), () => inPhase({ kind: 'key', name }, 'live').policy),
    setRotationPolicy: (name, policy) =>
      write('setPolicy', objectKey({ kind: 'key', name }), () => {
        inPhase({ kind: 'key', name }, 'live');
        shelf.setPolicy({ kind: 'key', name }, withDefault(policy));
      }),
    ...values.calls,
    issuersPage: () => Promise.resolve({ issuers: [], next: null }),
    region: () => traits.region,
  };

  const fake: FakeTarget = {
    traits,
    shelf,
    valuesOf: values.valuesOf,
    made,
    errors,
    lostReplies,
    writes: () => writes,
    beforeCall: () => {},
    calls: vault,
    patientCalls: vault,
    pausedMs: 0,
    put(kind, name, fields = {}) {
      const ref = { kind, name };
      const found = shelf.get(ref);
      if (found ? found.phase !== 'live' : shelf.isTaken(ref)) throw new Error(`${objectKey(ref)} is taken`);
      const earlier = found?.versions ?? [];
      const at = Math.floor(clock.now().getTime() / 1000);
      const id = fields.version ?? versionId(`${objectKey(ref)} of the target ${earlier.length} ${at}`);
      const publicKeyDigest = kind === 'key' ? `${id}${id}` : null;
      const facts = { ...unknownFacts, created: at, updated: at, enabled: true, publicKeyDigest };
      shelf.place(ref, [...earlier, { ...facts, ...fields, version: id }], found?.policy);
      return id;
    },
    edit(kind, name, fields) {
      const found = shelf.get({ kind, name });
      if (found?.phase !== 'live') throw new Error(`there is no live ${kind} ${name}`);
      const updated = Math.floor(clock.now().getTime() / 1000);
      const edited = { ...currentOf(found.versions), updated, ...fields };
      shelf.place(found, [...found.versions.slice(0, -1), edited], found.policy);
    },
    softDelete: (kind, name) => shelf.move({ kind, name }, 'deleted', 0),
    pace: {
      callsPerSecond: () => traits.callsPerSecond,
      pausedForMs: () => fake.pausedMs,
      sawUnreachable(key) {
        unreachable.push(key);
        const outage = unreachable.length >= 3 && new Set(unreachable).size > 1;
        fake.pausedMs = outage ? 30_000 : 0;
        return outage;
      },
    },
    meter: {
      take() {
        const count = { vault: made.length - taken, throttled: 0 };
        taken = made.length;
        return count;
      },
      giveBack({ vault: count }) {
        taken -= count;
      },
    },
  };
  return fake;
}
