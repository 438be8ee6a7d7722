/**
 * What is sealed of portable copies: one line per object of a recovery point, and the record that names the lines by
 * digest. It stands beside the point and names it; the point itself was written before and never changes.
 *
 * stored         its values lie encrypted in `blob`         carried   unchanged: an earlier run's copy holds them
 * notExportable  only its public part leaves the vault      disabled  a disabled value cannot be read, and no copy has it
 * pending        a certificate that is not issued yet       excluded  the plan leaves it out
 * gone, skipped  as in the recovery point                   failed    see the reason
 */
import { z } from 'zod';
import { kinds } from './objects.ts';
import { requestRecord } from './recoveryPoint.ts';
import { parseStored, parseStoredLines } from './stored.ts';

export const portableFormat = 1;

export const portableOutcomes = [
  'stored',
  'carried',
  'notExportable',
  'disabled',
  'pending',
  'excluded',
  'gone',
  'skipped',
  'failed',
] as const;
export type PortableOutcome = (typeof portableOutcomes)[number];

const epoch = z.int().nullable();

export const portableLine = z.object({
  kind: z.enum(kinds),
  name: z.string(),
  outcome: z.enum(portableOutcomes),
  reason: z.string().nullable(),
  blob: z.string().nullable(),
  size: z.int().nullable(),
  sha256: z.string().nullable(),
  /** The run that made the copy; of a carried one an earlier run. */
  runId: z.string().nullable(),
  capturedAt: z.string().nullable(),
  currentVersion: z.string().nullable(),
  /** In the copy, the current one among them. */
  versions: z.int().nullable(),
  /** Past versions that are not in the copy: beyond the plan's number, or disabled. */
  leftOut: z.object({ older: z.int(), disabled: z.int() }).nullable(),
  created: epoch,
  updated: epoch,
  enabled: z.boolean().nullable(),
  notBefore: epoch,
  expires: epoch,
  contentType: z.string().nullable(),
  tagsDigest: z.string().nullable(),
  x5t: z.string().nullable(),
  /** Of a certificate: whose name its policy refers to. */
  issuer: z.string().nullable(),
  /** kid of each recipient. */
  recipients: z.array(z.string()),
  /** Where only the public part leaves the vault: a key's JWK, or a certificate in base64 DER. */
  publicKey: z.record(z.string(), z.unknown()).nullable(),
  certificate: z.string().nullable(),
});
export type PortableLine = z.infer<typeof portableLine>;

export const emptyLine = {
  reason: null,
  blob: null,
  size: null,
  sha256: null,
  runId: null,
  capturedAt: null,
  currentVersion: null,
  versions: null,
  leftOut: null,
  created: null,
  updated: null,
  enabled: null,
  notBefore: null,
  expires: null,
  contentType: null,
  tagsDigest: null,
  x5t: null,
  issuer: null,
  recipients: [],
  publicKey: null,
  certificate: null,
} satisfies Omit<PortableLine, 'kind' | 'name' | 'outcome'>;

/** Whether its values can be brought back from a copy. */
export const hasCopy = (line: PortableLine | null | undefined): line is PortableLine & { blob: string } =>
  (line?.outcome === 'stored' || line?.outcome === 'carried') && line.blob !== null;

const digest = z.object({ runId: z.string(), sha256: z.string() });

export const portablePoint = z.object({
  format: z.literal(portableFormat),
  vault: z.string(),
  vaultUrl: z.string(),
  region: z.string().nullable(),
  plan: z.string(),
  /** Of the recovery point whose objects these are; and that point's digest. */
  runId: z.string(),
  recoveryPoint: digest,
  /** `complete`: everything that may leave the vault is in a copy. */
  status: z.enum(['complete', 'partial', 'failed']),
  reason: z.string().nullable(),
  startedAt: z.string(),
  sealedAt: z.string(),
  expiresAt: z.string(),
  counts: z.partialRecord(z.enum(portableOutcomes), z.int()),
  bytes: z.int(),
  index: z.object({ blob: z.string(), sha256: z.string(), lines: z.int() }),
  previous: digest.nullable(),
  recipients: z.array(z.string()),
  /** How many past versions the plan asks for. */
  versions: z.int(),
  requests: requestRecord,
  app: z.string(),
});
export type PortablePoint = z.infer<typeof portablePoint>;

export const parsePortablePoint = (text: string, blob = 'the seal of portable copies'): PortablePoint =>
  parseStored(blob, text, portablePoint, 'immutable');

export const encodePortableIndex = (lines: readonly PortableLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

export const parsePortableIndex = (text: string, blob = 'the index of portable copies'): PortableLine[] =>
  parseStoredLines(blob, text, portableLine, 'immutable');
