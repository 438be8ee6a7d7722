/**
 * The state of a verification, `verifications/<id>.json` in the state container; every change is a conditional write on
 * its ETag. May be lost at any time: then it ends without a record, which the watch notices, and the next one starts anew.
 *
 *   plan ──▶ check ──▶ settle ──▶ seal ──▶ ended           any step ──deadline──▶ seal, what is unchecked counted
 */
import { z } from 'zod';
import { caller } from './restoreState.ts';
import { settlingState } from './settling.ts';
import { finding, verificationPlan, verificationScopes } from './verification.ts';

export const verifySteps = ['plan', 'check', 'settle', 'seal', 'ended'] as const;
export type VerifyStep = (typeof verifySteps)[number];

export const verifyState = z.object({
  v: z.literal(1),
  id: z.string(),
  vault: z.string(),
  scope: z.enum(verificationScopes),
  recoveryPoint: z.string().nullable(),
  requestedBy: caller.nullable(),
  startedAt: z.iso.datetime(),
  deadline: z.iso.datetime(),
  nextAt: z.iso.datetime(),
  step: z.enum(verifySteps),
  /** Names the plan's blobs; null before the plan step is through. */
  planId: z.string().nullable(),
  parts: z.int(),
  settling: settlingState,
});
export type VerifyState = z.infer<typeof verifyState>;

/** Blobs per part, and so per job. */
export const blobsPerPart = 200;

/** What one blob must be, by the points that name it. */
export const expectedBlob = z.object({
  blob: z.string(),
  size: z.int().nullable(),
  sha256: z.string().nullable(),
  object: z.string(),
  namedBy: finding.shape.namedBy.unwrap(),
});
export type ExpectedBlob = z.infer<typeof expectedBlob>;

/** What the plan step wrote down beside the parts. */
export const planNotes = verificationPlan.extend({
  findings: z.array(finding),
  /** findingKey of what earlier verifications told. */
  known: z.array(z.string()),
  toCheck: z.int(),
});
export type PlanNotes = z.infer<typeof planNotes>;

/** What became of one part. */
export const partResult = z.object({
  checked: z.int(),
  bytes: z.int(),
  /** Why some could not be checked. */
  trouble: z.string().nullable(),
  findings: z.array(finding),
});
export type PartResult = z.infer<typeof partResult>;
