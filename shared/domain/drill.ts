/**
 * Restore drills: a backup that nobody restored is a hope. A sample of the newest recovery point comes back into a
 * scratch vault, is compared, and is removed again. The state of the one drill that a scratch vault has at a time:
 *
 *   prepare ──▶ probe ──▶ restore ──▶ clean ──▶ record        prepare ──refused──▶ record
 *   (scratch empty, sample)  (one object)   (the rest)  (delete, purge)   any step ──deadline──▶ record
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { kinds, objectKey } from './objects.ts';
import type { IndexLine } from './recoveryPoint.ts';
import { selectObjects } from './restoreRequest.ts';

export const drillSteps = ['prepare', 'probe', 'restore', 'clean', 'record'] as const;
export type DrillStep = (typeof drillSteps)[number];

export const drillStatuses = ['complete', 'failed'] as const;

/** What a drill put into the scratch vault, or will. Restored objects keep these dates, so that they tell them apart. */
export const drillObject = z.object({
  kind: z.enum(kinds),
  name: z.string(),
  created: z.int().nullable(),
  updated: z.int().nullable(),
});
export type DrillObject = z.infer<typeof drillObject>;

const instant = z.iso.datetime();
const vaultName = z.string().regex(/^[0-9A-Za-z-]{1,63}$/);
export const drillIdShape = /^\d{8}T\d{6}Z$/;

export const drillOrder = z.strictObject({
  vault: vaultName,
  /** The instant of the plan's schedule, or of the request. */
  id: z.string().regex(drillIdShape),
  plan: z.string().max(40),
  target: vaultName,
});
export type DrillOrder = z.infer<typeof drillOrder>;
/** Of a message that asks for a drill. */
export const orderOf = ({ vault, id, plan, target }: DrillOrder): DrillOrder => ({ vault, id, plan, target });

export const drillState = z.object({
  v: z.literal(1),
  order: drillOrder,
  step: z.enum(drillSteps),
  startedAt: instant,
  deadline: instant,
  nextAt: instant,
  /** Looks in a row at which nothing moved. */
  tries: z.int(),
  /** Why it failed, or is about to. */
  reason: z.string().nullable(),
  point: z.object({ runId: z.string(), startedAt: instant }).nullable(),
  objects: z.array(drillObject),
  restores: z.object({ probe: z.string().nullable(), restore: z.string().nullable() }),
  /** Of both restores together, once they have ended. */
  counts: z.record(z.string(), z.int()),
  failures: z.array(z.string()),
  restoredAt: instant.nullable(),
  /** Marks of what is to be purged from the scratch vault, until it is. */
  pending: z.array(z.string()),
  /** Looks in a row at which nothing was seen of what is pending. */
  quiet: z.int(),
  cleaned: z.boolean(),
});
export type DrillState = z.infer<typeof drillState>;

export const drillHolder = z.object({ drill: drillState.nullable() });

/** `audit/drills/<vault>/<id>/started.json`: written before anything is restored; the proof of what is a drill's own. */
export const drillStarted = z.object({
  format: z.literal(1),
  ...drillOrder.shape,
  at: instant,
  recoveryPoint: z.string(),
  pointStartedAt: instant,
  objects: z.array(drillObject),
});
export type DrillStarted = z.infer<typeof drillStarted>;

/** `audit/drills/<vault>/<id>/ended.json`. */
export const drillRecord = z
  .object({
    format: z.literal(1),
    ...drillOrder.shape,
    status: z.enum(drillStatuses),
    reason: z.string().nullable().describe('Why it failed.'),
    startedAt: instant,
    endedAt: instant,
    recoveryPoint: z.string().nullable(),
    objects: z.int().describe('How many were to be restored and compared.'),
    counts: z.record(z.string(), z.int()).describe('Objects per outcome of the restore.'),
    failures: z.array(z.string()).describe('What did not come back as recorded, at most 50.'),
    rtoSeconds: z
      .number()
      .nullable()
      .describe('From the beginning to the last object restored and compared.'),
    rpoSeconds: z.int().nullable().describe('How old the restored data was when the drill began.'),
    cleaned: z.boolean().describe('Whether everything it restored was deleted and purged again.'),
    app: z.string(),
  })
  .meta({ id: 'DrillRecord' });
export type DrillRecord = z.infer<typeof drillRecord>;

/** Stands in the metadata of ended.json, so that a list needs no reads. */
export const drillFacts = z.object({
  status: z.enum(drillStatuses),
  ended: instant,
  target: z.string(),
  cleaned: z.enum(['true', 'false']),
});

/**
 * The canaries and a random sample of the rest, in the point's order. The seed makes the choice: a step that is
 * repeated chooses the same. A canary that the point does not have is a problem: it is what the drill is for.
 */
export function sampleOf(
  lines: readonly IndexLine[],
  options: { sample: number; canaries: readonly string[]; seed: string },
): { lines: IndexLine[]; problems: readonly string[] } {
  const canaries = selectObjects(lines, options.canaries);
  const chosen = new Set(canaries.lines.map(objectKey));
  const lot = (line: IndexLine) =>
    createHash('sha256')
      .update(`${options.seed} ${objectKey(line)}`)
      .digest('hex');
  const rest = lines
    .filter(({ outcome }) => outcome === 'stored' || outcome === 'carried')
    .filter((line) => !chosen.has(objectKey(line)))
    .map((line) => ({ line, lot: lot(line) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, options.sample);
  for (const { line } of rest) chosen.add(objectKey(line));
  return { lines: lines.filter((line) => chosen.has(objectKey(line))), problems: canaries.problems };
}

/** One string per object that a drill made: the name alone would also mean what somebody else put there. */
export const drillMark = (object: Pick<DrillObject, 'kind' | 'name' | 'created'>): string =>
  `${objectKey(object)}@${object.created}`;

/** The same for what lay there unwatched: whoever edits an object changes when it was last changed. */
export const leftMark = (object: DrillObject): string => `${drillMark(object)}@${object.updated}`;
