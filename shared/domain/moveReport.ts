/**
 * The report of a move, format 1: before the first change what would happen, at the end what became of it. Names and
 * facts only, never values. docs/moving-a-vault.md says how to read it.
 */
import { z } from 'zod';
import { conflictPolicies, restoreModes } from './restoreRequest.ts';
import { configRow } from './vaultConfig.ts';

/** `there`: the target has it already. `either`: natively, or by its copy if the target cannot decrypt the blob. */
export const ways = ['native', 'portable', 'either', 'there', 'not'] as const;
export type Way = (typeof ways)[number];

export const movedObject = z.object({
  object: z.string(),
  travels: z.enum(ways),
  why: z.string(),
  /** What of it does not arrive. */
  loses: z.array(z.string()),
  notes: z.array(z.string()),
  /** What became of it; null in a report from before the move. */
  became: z.enum(['moved', 'there', 'stale', 'not']).nullable(),
});
export type MovedObject = z.infer<typeof movedObject>;

const told = z.object({ object: z.string(), why: z.string(), todo: z.string().nullable() });
export type Told = z.infer<typeof told>;

export const moveComparison = z.object({
  missing: z.array(z.string()),
  differs: z.array(z.object({ object: z.string(), in: z.array(z.string()) })),
  /** What the target has besides. */
  more: z.array(z.string()),
  unknown: z.array(z.string()).describe('Kinds that could not be listed.'),
});
export type MoveComparison = z.infer<typeof moveComparison>;

export const moveOutcome = z.object({
  status: z
    .enum(['complete', 'partial'])
    .describe('complete: everything of the source is in the target, and current.'),
  startedAt: z.string(),
  endedAt: z.string(),
  recoveryPoints: z.array(z.string()),
  restores: z.array(z.string()),
  /** Changed in the source while the move went on, and not replaced in the target. */
  stale: z.array(told),
  /** Deleted in the source while the move went on: the target keeps them. */
  left: z.array(z.string()),
  notMoved: z.array(told),
  /** In the target, but not as the recovery point has them. */
  differs: z.array(told),
  comparison: moveComparison,
});
export type MoveOutcome = z.infer<typeof moveOutcome>;

export const moveReport = z
  .object({
    format: z.literal(1),
    from: z.string(),
    to: z.string(),
    mode: z.enum(restoreModes),
    onConflict: z.enum(conflictPolicies),
    madeAt: z.iso.datetime(),
    point: z.object({ runId: z.string(), status: z.string(), sealedAt: z.string(), objects: z.int() }),
    objects: z.array(movedObject),
    counts: z.partialRecord(z.enum(ways), z.int()),
    /** Names that are taken in the target. */
    clashes: z.array(told),
    /** What should be done before the move, and how. */
    needs: z.array(told),
    /** What no backup holds: the vault's own settings. */
    setAgain: z.array(configRow),
    estimate: z.object({ seconds: z.int(), calls: z.int(), how: z.string() }),
    cutOver: z.array(z.object({ what: z.string(), how: z.string() })),
    outcome: moveOutcome.nullable(),
  })
  .meta({ id: 'MoveReport' });
export type MoveReport = z.infer<typeof moveReport>;
