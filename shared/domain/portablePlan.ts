/**
 * `portable` of a plan: for whom copies are encrypted, and of what. A recipient is a Key Vault key, whose private part
 * never leaves its vault, or an offline public key, so that the loss of a tenant is survivable.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { thumbprintOf } from './openCopy.ts';
import { problemOfPattern } from './selection.ts';

export interface Recipient {
  /** A Key Vault key's id with its version, or an offline key's thumbprint. */
  readonly kid: string;
  /** The public key, base64url as in a JWK. */
  readonly n: string;
  readonly e: string;
}

export interface PortablePlan {
  /** Key ids are read anew for each run, so that a rotated key is used with its newest version. */
  readonly recipients: readonly (string | Recipient)[];
  /** Past versions besides the current one. */
  readonly versions: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

const pattern = z.string().superRefine((text, context) => {
  const problem = problemOfPattern(text);
  if (problem) context.addIssue({ code: 'custom', message: `"${text}" is no pattern: ${problem}` });
});

/** With or without a version. */
export const keyIdShape = /^https:\/\/[^/?#]+\/keys\/[0-9A-Za-z-]{1,127}(\/[0-9a-f]{32})?$/i;
const writeKeyId = 'write the id of a Key Vault key, such as https://recovery.vault.azure.net/keys/portable';
const writeRecipient = `${writeKeyId}, or {"publicKey": "-----BEGIN PUBLIC KEY-----…"}`;
const writePublicKey = 'write an RSA public key of 2048 bits or more in PEM (-----BEGIN PUBLIC KEY-----)';

const offline = z
  .strictObject({ publicKey: z.string(writePublicKey) })
  .transform(({ publicKey }, context): Recipient => {
    const recipient = recipientOf(publicKey);
    if (recipient) return recipient;
    context.addIssue({ code: 'custom', message: writePublicKey });
    return z.NEVER;
  });

export const portableSchema = z.strictObject({
  recipients: z
    .array(z.union([z.string().regex(keyIdShape, writeKeyId), offline], writeRecipient))
    .min(1, 'name at least one recipient')
    .max(10, 'at most 10 recipients'),
  versions: z.int().min(0).max(500).default(0),
  include: z.array(pattern).min(1).default(['**']),
  exclude: z.array(pattern).default([]),
});

/** Null for what is no RSA public key, is too short, or is a private one: that has no business in settings. */
function recipientOf(pem: string): Recipient | null {
  if (pem.includes('PRIVATE')) return null;
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return null;
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return null;
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  return { kid: thumbprintOf(key), n, e };
}
