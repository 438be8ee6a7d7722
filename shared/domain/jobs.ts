/**
 * The kinds of queue message: two each for backups, restores, verifications and portable copies, one for drills. They carry names and numbers, never state: the truth is in storage, so a lost,
 * doubled, late or reordered message costs a little time and nothing else. The payload sits under `job`, because the
 * host overlays top-level fields of a message on its own metadata (a field `id` would hide the message's id).
 */
import { z } from 'zod';
import { restoreIdShape, verificationIdShape } from './blobNames.ts';
import { drillOrder } from './drill.ts';
import { kinds } from './objects.ts';
import { portableWork } from './portableState.ts';
import { plannedObject } from './restorePlan.ts';

const vault = z.string().regex(/^[0-9A-Za-z-]{1,63}$/);
const runId = z.string().regex(/^\d{8}T\d{6}Z$/);

const advanceRun = z.strictObject({ type: z.literal('advanceRun'), vault, runId });

const backUpObject = z.strictObject({
  type: z.literal('backUpObject'),
  vault,
  runId,
  pass: z.int().positive(),
  kind: z.enum(kinds),
  name: z.string().regex(/^[0-9A-Za-z-]{1,127}$/),
  created: z.int().nonnegative().nullable(),
  /** Listed epoch second of the last change; part of the blob's name. */
  updated: z.int().nonnegative().nullable(),
  /** A blob of this name that is older than this is not of this run. */
  startedAt: z.iso.datetime(),
});

const restoreId = z.string().regex(restoreIdShape);

const advanceRestore = z.strictObject({ type: z.literal('advanceRestore'), id: restoreId });

const restoreObject = z.strictObject({
  type: z.literal('restoreObject'),
  id: restoreId,
  target: vault,
  /** What the plan says of the object, with its line of the recovery point. */
  planned: plannedObject,
});

const verificationId = z.string().regex(verificationIdShape);

const advanceVerification = z.strictObject({ type: z.literal('advanceVerification'), id: verificationId });

const verifyBlobs = z.strictObject({
  type: z.literal('verifyBlobs'),
  id: verificationId,
  /** The plan that the part belongs to. */
  planId: z.string().regex(/^[0-9a-f]{6,32}$/),
  part: z.int().nonnegative(),
});

/** A comparison with a live vault: of a source on its own queue, of a target on that of restores. */
const advanceDiff = z.strictObject({ type: z.literal('advanceDiff'), id: restoreId, vault });

/** Reads a vault's own settings: of a source on its own queue, of a target on that of restores. */
const takeConfig = z.strictObject({
  type: z.literal('takeConfig'),
  vault,
  role: z.enum(['source', 'target']),
  /** Names the record. */
  id: runId,
});

/** All that a drill is asked with: its state begins when its scratch vault is free. */
const advanceDrill = z.strictObject({ type: z.literal('advanceDrill'), ...drillOrder.shape });

const advancePortable = z.strictObject({ type: z.literal('advancePortable'), vault, runId });

const copyObject = z.strictObject({ type: z.literal('copyObject'), vault, runId, work: portableWork });

export type AdvancePortable = z.infer<typeof advancePortable>;
export type CopyObject = z.infer<typeof copyObject>;
export type AdvanceDrill = z.infer<typeof advanceDrill>;
export type AdvanceRun = z.infer<typeof advanceRun>;
export type BackUpObject = z.infer<typeof backUpObject>;
export type AdvanceRestore = z.infer<typeof advanceRestore>;
export type RestoreObject = z.infer<typeof restoreObject>;
export type TakeConfig = z.infer<typeof takeConfig>;
export type AdvanceDiff = z.infer<typeof advanceDiff>;
export type AdvanceVerification = z.infer<typeof advanceVerification>;
export type VerifyBlobs = z.infer<typeof verifyBlobs>;

const envelope = <J extends z.ZodType>(job: J) =>
  z.strictObject({
    v: z.literal(1),
    job,
    /** Dropped after this instant: the deadline. Null for what must always arrive. */
    notAfter: z.iso.datetime().nullable(),
    /** How often the message went back because the vault was not to be called; not a count of failures. */
    attempt: z.int().nonnegative(),
  });
const backupMessage = envelope(z.discriminatedUnion('type', [advanceRun, backUpObject]));
const restoreMessage = envelope(z.discriminatedUnion('type', [advanceRestore, restoreObject, advanceDrill]));
const diffMessage = envelope(advanceDiff);
const configMessage = envelope(takeConfig);
const verifyMessage = envelope(z.discriminatedUnion('type', [advanceVerification, verifyBlobs]));

const portableMessage = envelope(z.discriminatedUnion('type', [advancePortable, copyObject]));

export type BackupMessage = z.infer<typeof backupMessage>;
export type RestoreMessage = z.infer<typeof restoreMessage>;
/** Goes on either queue. */
export type DiffMessage = z.infer<typeof diffMessage>;
export type ConfigMessage = z.infer<typeof configMessage>;
export type VerifyMessage = z.infer<typeof verifyMessage>;
export type PortableMessage = z.infer<typeof portableMessage>;
export type JobMessage =
  | ConfigMessage
  | DiffMessage
  | BackupMessage
  | RestoreMessage
  | VerifyMessage
  | PortableMessage;

/** A queue message holds 64 KiB of text; base64 leaves this many bytes (Queue service limit, measured). */
export const maxMessageBytes = 48 * 1024;

export const encodeMessage = (value: JobMessage): string => JSON.stringify(value);

type Problems = { problems: string[] };

/** All take what the host hands over: it has parsed the JSON already if it was JSON. */
export const decodeBackupMessage = (value: unknown): BackupMessage | Problems => decode(backupMessage, value);
export const decodeRestoreMessage = (value: unknown): RestoreMessage | Problems =>
  decode(restoreMessage, value);
export const decodeDiffMessage = (value: unknown): DiffMessage | Problems => decode(diffMessage, value);
export const decodeConfigMessage = (value: unknown): ConfigMessage | Problems => decode(configMessage, value);
export const decodeVerifyMessage = (value: unknown): VerifyMessage | Problems => decode(verifyMessage, value);
export const decodePortableMessage = (value: unknown): PortableMessage | Problems =>
  decode(portableMessage, value);

function decode<M>(schema: z.ZodType<M>, value: unknown): M | Problems {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  return {
    problems: result.error.issues.map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`),
  };
}

/** What nobody took within this time is asked for again by the next run. */
const configLastsMs = 12 * 3_600_000;

export const takeConfigMessage = (job: Omit<TakeConfig, 'type'>, now: Date): ConfigMessage => ({
  v: 1,
  job: { type: 'takeConfig', ...job },
  notAfter: new Date(now.getTime() + configLastsMs).toISOString(),
  attempt: 0,
});

export const restoreQueueName = 'restore-jobs';
export const verifyQueueName = 'verify-jobs';
export const portableQueueName = 'portable-jobs';
