/**
 * What differs between two states of a vault: names and attributes, never values. Pure. Only what both sides know is
 * compared; where a kind could not be listed, nothing of it is said to have come or gone.
 */
import { z } from 'zod';
import { type Kind, kinds, objectKey } from './objects.ts';
import type { IndexLine } from './recoveryPoint.ts';

const attributeValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).nullable();

export const objectDifference = z
  .object({
    object: z.string(),
    change: z.enum(['appeared', 'changed', 'disappeared']),
    attributes: z
      .array(z.object({ attribute: z.string(), from: attributeValue, to: attributeValue }))
      .describe(
        'Of a changed object. Tags by their names and one digest; a version by its id, where both are known.',
      ),
  })
  .meta({ id: 'ObjectDifference' });
export type ObjectDifference = z.infer<typeof objectDifference>;

export const differenceCounts = z.object({
  appeared: z.int(),
  changed: z.int(),
  disappeared: z.int(),
  unchanged: z.int(),
});

export const unknownKind = z.object({ kind: z.enum(kinds), reason: z.string() });

export interface VaultState {
  readonly lines: readonly IndexLine[];
  /** Kinds of which nothing is known. */
  readonly unknown: readonly z.infer<typeof unknownKind>[];
}

export interface Difference {
  /** In order of objectKey. */
  readonly objects: readonly ObjectDifference[];
  readonly counts: z.infer<typeof differenceCounts>;
  readonly unknown: readonly z.infer<typeof unknownKind>[];
}

/** Shown by every listing. */
const listed = [
  'created',
  'updated',
  'enabled',
  'notBefore',
  'expires',
  'contentType',
  'tagNames',
  'tagsDigest',
  'x5t',
] as const satisfies readonly (keyof IndexLine)[];
/** Null means unknown: compared where both sides have it. */
const learnt = [
  'currentVersion',
  'keyType',
  'publicKeyDigest',
] as const satisfies readonly (keyof IndexLine)[];

export function differenceOf(from: VaultState, to: VaultState): Difference {
  const unknown = [...from.unknown, ...to.unknown];
  const unknownKinds = new Set<Kind>(unknown.map(({ kind }) => kind));
  const [before, after] = [byKey(from.lines, unknownKinds), byKey(to.lines, unknownKinds)];
  const counts = { appeared: 0, changed: 0, disappeared: 0, unchanged: 0 };
  const objects: ObjectDifference[] = [];
  const tell = (
    object: string,
    change: ObjectDifference['change'],
    attributes: ObjectDifference['attributes'],
  ) => {
    counts[change] += 1;
    objects.push({ object, change, attributes });
  };
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [was, is] = [before.get(key), after.get(key)];
    const attributes = was && is ? changedAttributes(was, is) : [];
    if (!was) tell(key, 'appeared', []);
    else if (!is) tell(key, 'disappeared', []);
    else if (attributes.length > 0) tell(key, 'changed', attributes);
    else counts.unchanged += 1;
  }
  return { objects, counts, unknown };
}

/** What was there: an object that is `gone` was not, one that `failed` or is `skipped` was. */
function byKey(lines: readonly IndexLine[], unknown: ReadonlySet<Kind>): Map<string, IndexLine> {
  const there = lines.filter(({ kind, outcome }) => outcome !== 'gone' && !unknown.has(kind));
  return new Map(there.map((line) => [objectKey(line), line]));
}

function changedAttributes(was: IndexLine, is: IndexLine): ObjectDifference['attributes'] {
  const known = learnt.filter((attribute) => was[attribute] !== null && is[attribute] !== null);
  // The digest covers names and values.
  const sameTags = was.tagsDigest === is.tagsDigest;
  return [...listed, ...known].flatMap((attribute) => {
    const [from, to] = [was[attribute], is[attribute]];
    const same = JSON.stringify(from) === JSON.stringify(to) || (attribute === 'tagNames' && sameTags);
    return same ? [] : [{ attribute, from, to }];
  });
}

export interface Page<T> {
  readonly objects: readonly T[];
  /** The object to go on after; null on the last page. */
  readonly next: string | null;
}

/** A bounded part of what is in order of `object`. */
export function pageAfter<T extends { readonly object: string }>(
  all: readonly T[],
  after: string | null,
  limit: number,
): Page<T> {
  const rest = after === null ? all : all.filter(({ object }) => object > after);
  const objects = rest.slice(0, limit);
  return { objects, next: rest.length > limit ? (objects.at(-1)?.object ?? null) : null };
}
