/**
 * The state of a vault's active run, as it stands in `state/vaults/<vault>.json`. It is the lock and the state in one
 * blob: every change is a conditional write on its ETag, made by backup/advanceRun.ts (and startRun for the first one).
 *
 *   list ──▶ capture ──▶ settle ──▶ check ──▶ inventory ──▶ seal ──▶ (no run)
 *              ▲  └─ next part ─┐      │
 *              └────────────────┘      └──▶ capture (next pass, for what changed meanwhile)
 *   any step ──deadline──▶ seal, with what is missing named
 */
import { z } from 'zod';
import { kinds } from './objects.ts';
import { requestRecord } from './recoveryPoint.ts';
import { settlingState } from './settling.ts';

export const runSteps = ['list', 'capture', 'settle', 'check', 'inventory', 'seal'] as const;
export type RunStep = (typeof runSteps)[number];

/** Where the enqueueing of one lane of the plan stands. */
const lane = z.object({
  parts: z.int(),
  /** The next part to enqueue. */
  next: z.int(),
  /** When that part is due: the one before should nearly be through. */
  dueAt: z.iso.datetime(),
  /** Since when that part is held back, because earlier ones are not through. */
  heldSince: z.iso.datetime().nullable().default(null),
});

const plan = z.object({
  id: z.string(),
  pass: z.int(),
  lanes: z.object({ objects: lane, keys: lane }),
  settledParts: z.int(),
  /** Objects that need a job. */
  jobs: z.int(),
});
export type RunPlanState = z.infer<typeof plan>;

export const runState = z.object({
  vault: z.string(),
  vaultUrl: z.string(),
  plan: z.string(),
  justification: z.string(),
  runId: z.string(),
  trigger: z.enum(['timer', 'manual']),
  full: z.boolean(),
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  maxDropPercent: z.number(),
  startedAt: z.iso.datetime(),
  deadline: z.iso.datetime(),
  step: z.enum(runSteps),
  /** An advanceRun that arrives before this is dropped, so that doubled chains die out. */
  nextAt: z.iso.datetime(),
  region: z.string().nullable(),
  /** Objects in all plans of the run; null before the list step is through. */
  listed: z.int().nullable(),
  listTries: z.int(),
  /** The last thing that kept the list step from ending, for the recovery point's reason. */
  trouble: z.string().nullable(),
  unlisted: z.array(z.object({ kind: z.enum(kinds), reason: z.string() })),
  /** The point that carried blobs come from. */
  base: z.object({ runId: z.string(), sha256: z.string() }).nullable(),
  plans: z.array(plan),
  settling: settlingState,
  /** The consistency pass: tries of its listing, why it was given up, and what still moved at its end (objectKey). */
  check: z.object({ tries: z.int(), unchecked: z.string().nullable(), moving: z.array(z.string()) }),
  /** How often the inventory of versions was interrupted by trouble with the vault. */
  inventory: z.object({ tries: z.int() }).default({ tries: 0 }),
  requests: requestRecord,
});
export type RunState = z.infer<typeof runState>;

/** What the blob holds: the active run or none, and the last run that was started, for the next manual id. */
export const vaultState = z.object({
  v: z.literal(1),
  run: runState.nullable(),
  lastRunId: z.string().nullable(),
});
export type VaultState = z.infer<typeof vaultState>;

export const newestPlan = (run: RunState): RunPlanState | undefined => run.plans.at(-1);
