/**
 * What a target holds, and how it settles: absent → live → deleting → deleted → (recovering → live | limbo → absent), by
 * the clock. A certificate brings the managed key and secret of its name, which share its fate.
 */
import { type Kind, type ObjectRef, objectKey } from '../../shared/domain/objects.ts';
import type { RotationPolicy } from '../../shared/domain/recoveryPoint.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { FakeVersion } from './fakeBlob.ts';

export type Phase = 'live' | 'deleting' | 'deleted' | 'recovering';

export interface Held extends ObjectRef {
  readonly versions: readonly FakeVersion[];
  readonly managed: boolean;
  readonly policy: RotationPolicy;
  readonly phase: Phase;
  /** When a phase that passes is over. */
  readonly until: number;
}

/** What every key has, because the service adds it. */
export const defaultPolicy: RotationPolicy = {
  expiryTime: null,
  actions: [{ action: 'Notify', timeAfterCreate: null, timeBeforeExpiry: 'P30D' }],
};

/** The names that an object takes: its own, and for a certificate those of its key and secret. */
const namesOf = ({ kind, name }: ObjectRef): ObjectRef[] =>
  kind === 'certificate'
    ? (['certificate', 'key', 'secret'] as const).map((each) => ({ kind: each, name }))
    : [{ kind, name }];

export interface TargetShelf {
  get(ref: ObjectRef): Held | null;
  all(kind: Kind, phase: Phase): Held[];
  /** Whether an object of this kind and name cannot be made now, in limbo included. */
  isTaken(ref: ObjectRef): boolean;
  /** Puts it there, or replaces what is there. */
  place(ref: ObjectRef, versions: readonly FakeVersion[], policy?: RotationPolicy): void;
  setPolicy(ref: ObjectRef, policy: RotationPolicy): void;
  move(ref: ObjectRef, phase: Phase, forMs: number): void;
  /** Gone; the name stays taken this long. */
  drop(ref: ObjectRef, limboMs: number): void;
}

export function createShelf(clock: Clock): TargetShelf {
  const held = new Map<string, Held>();
  const limbo = new Map<string, number>();
  const now = () => clock.now().getTime();
  const settled = (object: Held): Held => {
    if (now() < object.until) return object;
    if (object.phase === 'deleting') return { ...object, phase: 'deleted' };
    return object.phase === 'recovering' ? { ...object, phase: 'live' } : object;
  };
  const shelf: TargetShelf = {
    get(ref) {
      const found = held.get(objectKey(ref));
      return found ? settled(found) : null;
    },
    all: (kind, phase) =>
      [...held.values()]
        .filter((object) => object.kind === kind)
        .map(settled)
        .filter((object) => object.phase === phase)
        .sort((a, b) => (objectKey(a) < objectKey(b) ? -1 : 1)),
    isTaken: (ref) =>
      namesOf(ref).some((name) => held.has(objectKey(name)) || now() < (limbo.get(objectKey(name)) ?? 0)),
    place(ref, versions, policy = defaultPolicy) {
      for (const { kind, name } of namesOf(ref)) {
        const managed = kind !== ref.kind;
        const own = managed ? versions.map((version) => ({ ...version, x5t: null })) : versions;
        held.set(objectKey({ kind, name }), {
          kind,
          name,
          versions: own,
          managed,
          policy,
          phase: 'live',
          until: 0,
        });
      }
    },
    setPolicy(ref, policy) {
      const found = held.get(objectKey(ref));
      if (found) held.set(objectKey(ref), { ...found, policy });
    },
    move(ref, phase, forMs) {
      for (const name of namesOf(ref)) {
        const found = held.get(objectKey(name));
        if (found) held.set(objectKey(name), { ...found, phase, until: now() + forMs });
      }
    },
    drop(ref, limboMs) {
      for (const name of namesOf(ref)) {
        held.delete(objectKey(name));
        limbo.set(objectKey(name), now() + limboMs);
      }
    },
  };
  return shelf;
}
