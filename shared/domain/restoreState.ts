/**
 * The state of a restore, `restores/<id>.json` in the state container; every change is a conditional write on its ETag.
 *
 *   plan ──▶ apply ──▶ settle ──▶ seal ──▶ ended           plan ──dry run──▶ ended (planned)
 *             ▲  └ next part ┘
 *   any step ──deadline──▶ seal, with what is missing named
 */
import { z } from 'zod';
import { requestRecord } from './recoveryPoint.ts';
import { restoreRequest } from './restoreRequest.ts';
import { settlingState } from './settling.ts';

export const restoreSteps = ['plan', 'apply', 'settle', 'seal', 'ended'] as const;
export type RestoreStep = (typeof restoreSteps)[number];

export const restoreStatuses = ['planned', 'running', 'complete', 'partial', 'failed'] as const;
export type RestoreStatus = (typeof restoreStatuses)[number];

/** What became of one object. `restored`, `recovered` and `replaced` were verified; `differs` is there, but not as recorded. */
export const restoreOutcomes = [
  'restored',
  'recovered',
  'replaced',
  'skipped',
  'conflict',
  'blocked',
  'differs',
  'failed',
] as const;
export type RestoreOutcome = (typeof restoreOutcomes)[number];

export const outcomeRecord = z.object({
  outcome: z.enum(restoreOutcomes),
  reason: z.string().nullable(),
  hint: z.string().nullable(),
  /** The current version in the target. */
  version: z.string().nullable(),
  at: z.string(),
  /** By which it came; absent where nothing was sent. */
  via: z.enum(['native', 'portable']).optional(),
  /** What is not as it was by the nature of a portable copy. */
  changed: z.array(z.string()).optional(),
});
export type OutcomeRecord = z.infer<typeof outcomeRecord>;

export const caller = z.object({
  name: z.string(),
  id: z.string().nullable(),
  address: z.string().nullable(),
});
export type Caller = z.infer<typeof caller>;

export const restoreState = z.object({
  v: z.literal(1),
  id: z.string(),
  request: restoreRequest,
  caller,
  target: z.object({
    name: z.string(),
    url: z.string(),
    allowReplace: z.boolean(),
    portable: z.boolean().default(false),
  }),
  /** The point that was chosen when the request came in. */
  point: z.object({
    runId: z.string(),
    status: z.string(),
    sha256: z.string(),
    region: z.string().nullable(),
  }),
  /** The first object showed that the target cannot decrypt Key Vault's own blobs: the rest goes by its copies. */
  byCopies: z.boolean().default(false),
  /** What the point lacks, if it is partial. */
  lacks: z.array(z.string()),
  step: z.enum(restoreSteps),
  status: z.enum(restoreStatuses),
  reason: z.string().nullable(),
  startedAt: z.iso.datetime(),
  deadline: z.iso.datetime(),
  nextAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  planTries: z.int(),
  /** Tries to write the audit record before the first change. */
  auditTries: z.int().default(0),
  /** Names the plan's blobs; null before the plan step is through. */
  planId: z.string().nullable(),
  /** Objects in the plan, so that the seal sees when a part of it was lost meanwhile. */
  planned: z.int().default(0),
  /** Objects that need work, in the plan's order, and how many of them have been enqueued. */
  work: z.int(),
  enqueued: z.int(),
  /** When what has been enqueued should be through, at the rate of that time. */
  throughAt: z.iso.datetime(),
  settling: settlingState,
  counts: z.partialRecord(z.enum(restoreOutcomes), z.int()).nullable(),
  bytes: z.int().nullable(),
  requests: requestRecord,
});
export type RestoreState = z.infer<typeof restoreState>;
