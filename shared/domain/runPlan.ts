/**
 * What a run decided about each listed object before the first job: capture it, or settle it at once (skipped).
 * A plan line is an index line whose outcome is still open, so that sealing fills in and never translates.
 */
import { z } from 'zod';
import { type CarryRules, mayCarry } from './incremental.ts';
import { type ListedObject, laneOf, type ObjectRef, objectKey } from './objects.ts';
import { finalOutcomes, type IndexLine, indexLine } from './recoveryPoint.ts';
import { readableLines } from './stored.ts';
import { keptVersions } from './versions.ts';

export const planLine = indexLine.extend({ outcome: z.enum(finalOutcomes).nullable() });
export type PlanLine = z.infer<typeof planLine>;

/** Objects per part, and so per step: bounds a step's time and the queue's length. */
export const objectsPerPart = 200;

export interface RunPlan {
  readonly objects: PlanLine[];
  readonly keys: PlanLine[];
  readonly settled: PlanLine[];
}

export interface PlanInput {
  readonly listing: readonly ListedObject[];
  readonly selects: (ref: ObjectRef) => boolean;
  /** The lines of the base point (objectKey → line): what may be carried, and when each object was last captured. */
  readonly base: ReadonlyMap<string, IndexLine>;
  /** Null for a full run and for a later pass: nothing is carried. */
  readonly carry: CarryRules | null;
}

export function planRun({ listing, selects, base, carry }: PlanInput): RunPlan {
  const plan: RunPlan = { objects: [], keys: [], settled: [] };
  for (const object of withoutRepeats(listing)) {
    const reason = reasonToSkip(object, selects);
    const earlier = base.get(objectKey(object));
    if (reason) plan.settled.push({ ...openLine(object), outcome: 'skipped', reason });
    else if (earlier && carry && mayCarry(earlier, object, carry))
      plan.settled.push(carriedLine(object, earlier));
    else plan[laneOf(object.kind)].push(openLine(object, earlier));
  }
  // What was never captured comes first, then the oldest, so that a deadline never starves the same tail.
  const capturedAt = (line: PlanLine) => base.get(objectKey(line))?.capturedAt ?? '';
  const oldestFirst = (a: PlanLine, b: PlanLine) =>
    capturedAt(a) < capturedAt(b) ? -1 : capturedAt(a) > capturedAt(b) ? 1 : 0;
  plan.objects.sort(oldestFirst);
  plan.keys.sort(oldestFirst);
  return plan;
}

function reasonToSkip(object: ListedObject, selects: (ref: ObjectRef) => boolean): string | null {
  // A certificate owns a key and a secret of its name; they travel in the certificate's blob and cannot be backed up alone.
  if (object.managed) return 'managed: travels with its certificate';
  if (!selects(object)) return "excluded: the plan's include and exclude leave it out";
  return null;
}

/** A listing holds no object twice, but a vault that changes while it is paged may show one on two pages. */
function withoutRepeats(listing: readonly ListedObject[]): Iterable<ListedObject> {
  return new Map(listing.map((object) => [objectKey(object), object])).values();
}

/** The base's blob and what was learnt with it; the attributes are the listed ones, which are equal. */
const carriedLine = (object: ListedObject, base: IndexLine): IndexLine => ({
  ...base,
  name: object.name,
  outcome: 'carried',
  reason: null,
});

/** What a listing shows of an object, as a line; with what is known of its versions from an earlier one. */
export function openLine(object: ListedObject, earlier?: IndexLine): PlanLine {
  return {
    kind: object.kind,
    name: object.name,
    outcome: null,
    reason: null,
    blob: null,
    size: null,
    sha256: null,
    capturedAt: null,
    pass: null,
    created: object.created,
    updated: object.updated,
    enabled: object.enabled,
    notBefore: object.notBefore,
    expires: object.expires,
    contentType: object.contentType,
    tagNames: [...object.tagNames],
    tagsDigest: object.tagsDigest,
    ...keptVersions(earlier, object),
    keyType: null,
    publicKeyDigest: null,
    x5t: object.x5t,
    rotationPolicy: null,
    portable: null,
  };
}

export const encodePlanPart = (lines: readonly PlanLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** A line that cannot be read is as if it were lost: the run must come to its seal, whose accounting finds and says it. */
export const parsePlanPart = (text: string): PlanLine[] => readableLines(text, planLine);

export const isFinal = (line: PlanLine): line is IndexLine => line.outcome !== null;
