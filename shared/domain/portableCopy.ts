/**
 * What a portable copy holds and says of itself (docs/format.md). The content is one object with its copied versions,
 * oldest first; the protected header binds it to its vault, object, version and run, so that no copy can stand in for
 * another. Values are only ever in the content, which is only ever encrypted.
 */
import { z } from 'zod';
import { type ObjectRef, objectKey } from './objects.ts';

const epoch = z.int().nullable();

/** The protected header: besides how it is encrypted, whose copy it is. `version` is the object's current one. */
export const copyHeader = z.object({
  alg: z.literal('RSA-OAEP-256'),
  enc: z.literal('A256GCM'),
  typ: z.literal('keyvault-portable'),
  format: z.literal(1),
  vault: z.string(),
  kind: z.enum(['secret', 'certificate']),
  name: z.string(),
  version: z.string(),
  runId: z.string(),
});
export type CopyHeader = z.infer<typeof copyHeader>;

const copiedVersion = z.object({
  version: z.string(),
  /** As Key Vault gave it: text, or for a certificate its PFX (base64, no password) or PEM with key and chain. */
  value: z.string(),
  contentType: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  enabled: z.boolean(),
  notBefore: epoch,
  expires: epoch,
  created: epoch,
  updated: epoch,
  /** Thumbprint of a certificate. */
  x5t: z.string().nullable(),
});

export type CopiedVersion = z.infer<typeof copiedVersion>;

/** A certificate's policy as the wire has it: an SDK would drop fields of it. */
export const certificatePolicy = z.looseObject({
  key_props: z.looseObject({ exportable: z.boolean().optional() }).optional(),
  secret_props: z.looseObject({ contentType: z.string().optional() }).optional(),
  issuer: z.looseObject({ name: z.string().optional() }).optional(),
});

export type CertificatePolicy = z.infer<typeof certificatePolicy>;

export const copyContent = z.object({
  format: z.literal(1),
  kind: z.enum(['secret', 'certificate']),
  name: z.string(),
  versions: z.array(copiedVersion).min(1),
  policy: certificatePolicy.nullable(),
});
export type CopyContent = z.infer<typeof copyContent>;

export interface Bound extends ObjectRef {
  readonly vault: string;
  readonly runId: string;
  readonly version: string;
}

/** Null if the header is of this copy, else what it is of instead. */
export function boundToOther(header: CopyHeader, wanted: Bound): string | null {
  const same =
    header.vault.toLowerCase() === wanted.vault.toLowerCase() &&
    objectKey(header) === objectKey(wanted) &&
    header.runId === wanted.runId &&
    header.version === wanted.version;
  return same ? null : `${objectKey(header)} of ${header.vault}, run ${header.runId}`;
}
