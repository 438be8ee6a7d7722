/**
 * What a verification of a vault's backups found: the record in audit/verifications/ (docs/format.md), and what is
 * shown while it goes on. A record is written once and never changed; what it found bad is captured anew by the next run.
 */
import { z } from 'zod';
import { caller } from './restoreState.ts';

export const verificationScopes = ['daily', 'vault', 'recoveryPoint'] as const;
export const verificationStatuses = ['sound', 'failed', 'incomplete'] as const;
/** Of a blob that is no longer what a point says; of a point or its index; of the chain between points. */
export const findingKinds = ['missing', 'corrupt', 'point', 'index', 'chain'] as const;

export const finding = z.object({
  what: z.enum(findingKinds),
  blob: z.string(),
  /** As `secrets/db-password`; null where it is no object's blob. */
  object: z.string().nullable(),
  /** The recovery points that name the blob; null where none does. */
  namedBy: z.object({ points: z.int(), oldest: z.string(), newest: z.string() }).nullable(),
  reason: z.string(),
});
export type Finding = z.infer<typeof finding>;
export const findingKey = ({ what, blob }: Pick<Finding, 'what' | 'blob'>): string => `${what} ${blob}`;

/** `superseded`: its run has a point that names another capture. `unsealed`: its run never got a point. */
export const unnamedKinds = ['superseded', 'unsealed', 'stranger'] as const;
export type UnnamedKind = (typeof unnamedKinds)[number];

export const unnamedBlobs = z.object({
  superseded: z.int(),
  unsealed: z.int(),
  stranger: z.int(),
  bytes: z.int(),
  /** The first hundred of them. */
  blobs: z.array(z.object({ blob: z.string(), why: z.enum(unnamedKinds) })),
});
export type UnnamedBlobs = z.infer<typeof unnamedBlobs>;

const digest = z.object({ runId: z.string(), sha256: z.string() });

/** What the plan step saw; the same fields stand in the record. */
export const verificationPlan = z.object({
  /** Everything that lay there at this time was looked at. */
  listedAt: z.iso.datetime(),
  /** When the one before that checked all it should looked; null: there is none, and every blob is checked. */
  since: z.iso.datetime().nullable(),
  /** The newest point, for the next verification to find again. */
  head: digest.nullable(),
  points: z.object({ count: z.int(), oldest: z.string().nullable(), newest: z.string().nullable() }),
  /** Blobs that the points name. */
  named: z.int(),
  unnamed: unnamedBlobs,
});

const asked = z.object({
  id: z.string(),
  vault: z.string(),
  scope: z.enum(verificationScopes),
  recoveryPoint: z.string().nullable(),
  startedAt: z.iso.datetime(),
});

export const verificationRecord = asked
  .extend({
    format: z.literal(1),
    app: z.string(),
    requestedBy: caller.nullable(),
    endedAt: z.iso.datetime(),
    status: z.enum(verificationStatuses),
    reason: z.string().nullable().describe('Why the status is not `sound`, in words.'),
    verifyEveryDays: z.int(),
    ...verificationPlan.partial().shape,
    checked: z.int().describe('Blobs that were read whole and compared.'),
    bytes: z.int(),
    unchecked: z
      .int()
      .nullable()
      .describe('Blobs that should have been checked and were not; null: unknown.'),
    findings: z.array(finding.extend({ known: z.boolean().describe('An earlier verification told it.') })),
  })
  .meta({ id: 'Verification' });
export type VerificationRecord = z.infer<typeof verificationRecord>;

export const verificationProgress = asked
  .extend({
    status: z.literal('running'),
    deadline: z.iso.datetime(),
    /** Jobs of at most 200 blobs each; null before there is a plan. */
    parts: z.object({ planned: z.int(), done: z.int() }).nullable(),
  })
  .meta({ id: 'VerificationProgress' });
export type VerificationProgress = z.infer<typeof verificationProgress>;

/** The record's metadata, so that a list needs no reads. */
export const verificationFacts = z.object({
  scope: z.enum(verificationScopes),
  status: z.enum(verificationStatuses),
  findings: z.coerce.number(),
  checked: z.coerce.number(),
  /** Empty where that is unknown. */
  unchecked: z.string(),
  listed: z.string(),
  ended: z.string(),
});
export type VerificationFacts = z.infer<typeof verificationFacts>;

export const factsOf = (record: VerificationRecord): Record<keyof VerificationFacts, string> => ({
  scope: record.scope,
  status: record.status,
  findings: String(record.findings.length),
  checked: String(record.checked),
  unchecked: String(record.unchecked ?? ''),
  listed: record.listedAt ?? '',
  ended: record.endedAt,
});

/** Whether the next one may go on from it: it was of the whole vault, and checked all that it should. */
export const isThorough = ({ scope, unchecked }: VerificationFacts): boolean =>
  scope !== 'recoveryPoint' && unchecked === '0';
