/**
 * The state of portable copies of a vault, `portable/<vault>.json` in the portable app's state container; every change
 * is a conditional write on its ETag. May be lost at any time: the next start begins anew with the newest point.
 *
 *   plan ──▶ copy ──▶ settle ──▶ seal ──▶ ended          any step ──deadline──▶ seal, with what is missing named
 *             ▲  └ next part ┘
 */
import { z } from 'zod';
import { portableLine } from './portablePoint.ts';
import { requestRecord } from './recoveryPoint.ts';
import { settlingState } from './settling.ts';

export const portableSteps = ['plan', 'copy', 'settle', 'seal', 'ended'] as const;
export type PortableStep = (typeof portableSteps)[number];

export const portableState = z.object({
  v: z.literal(1),
  vault: z.string(),
  /** Of the recovery point whose objects are copied, with its digest. */
  runId: z.string(),
  sha256: z.string(),
  step: z.enum(portableSteps),
  /** Why nothing can be copied. */
  reason: z.string().nullable(),
  startedAt: z.iso.datetime(),
  deadline: z.iso.datetime(),
  nextAt: z.iso.datetime(),
  planTries: z.int(),
  /** Names the plan's blobs; null before the plan step is through. */
  planId: z.string().nullable(),
  recipients: z.array(z.object({ kid: z.string(), n: z.string(), e: z.string() })),
  versions: z.int(),
  /** Objects that need a job, and how many of them have been enqueued. */
  work: z.int(),
  enqueued: z.int(),
  throughAt: z.iso.datetime(),
  settling: settlingState,
  requests: requestRecord,
});
export type PortableState = z.infer<typeof portableState>;

/** One object to copy; `again`: the line of an earlier copy that is stored anew, because the value cannot be read. */
export const portableWork = z.object({
  kind: portableLine.shape.kind,
  name: z.string(),
  again: portableLine.nullable(),
});
export type PortableWork = z.infer<typeof portableWork>;
