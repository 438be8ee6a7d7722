/**
 * The two kinds of queue message. They carry names and numbers, never state: the truth is in storage, so a lost,
 * doubled, late or reordered message costs a little time and nothing else. The payload sits under `job`, because the
 * host overlays top-level fields of a message on its own metadata (a field `id` would hide the message's id).
 */
import { z } from 'zod';
import { kinds } from './objects.ts';

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

export type AdvanceRun = z.infer<typeof advanceRun>;
export type BackUpObject = z.infer<typeof backUpObject>;
export type Job = AdvanceRun | BackUpObject;

const message = z.strictObject({
  v: z.literal(1),
  job: z.discriminatedUnion('type', [advanceRun, backUpObject]),
  /** Dropped after this instant: the run's deadline. Null for what must always arrive. */
  notAfter: z.iso.datetime().nullable(),
  /** How often the message went back because the vault was not to be called; not a count of failures. */
  attempt: z.int().nonnegative(),
});
export type JobMessage = z.infer<typeof message>;

/** A queue message holds 64 KiB of text; base64 leaves this many bytes (Queue service limit, measured). */
export const maxMessageBytes = 48 * 1024;

export const encodeMessage = (value: JobMessage): string => JSON.stringify(value);

/** Takes what the host hands over: it has parsed the JSON already if it was JSON. */
export function decodeMessage(value: unknown): JobMessage | { problems: string[] } {
  const result = message.safeParse(value);
  if (result.success) return result.data;
  return {
    problems: result.error.issues.map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`),
  };
}

/** The queue of a shard. One shard so far; a vault will always hash to the same one. */
export const backupQueueName = (shard: number) => `backup-jobs-${shard}`;
