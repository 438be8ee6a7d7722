/**
 * Opens a portable copy: JWE in its general JSON form (RFC 7516 §7.2.1), each recipient with the content key wrapped for
 * it by RSA-OAEP-256, the content encrypted once by A256GCM. Whoever holds a recipient's private key, in a vault or in a
 * file, unwraps the content key; the rest needs nothing but node:crypto. Nothing of a content stands in an error.
 */
import {
  constants,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto';
import { z } from 'zod';
import { sha256Hex } from './objects.ts';
import { type CopyContent, type CopyHeader, copyContent, copyHeader } from './portableCopy.ts';

const base64url = z.string().regex(/^[0-9A-Za-z_-]+$/);
const generalJwe = z.object({
  protected: base64url,
  iv: base64url,
  ciphertext: base64url,
  tag: base64url,
  recipients: z.array(z.object({ encrypted_key: base64url, header: z.object({ kid: z.string() }) })).min(1),
});

export interface Wrapped {
  /** A Key Vault key's id with its version, or an offline key's thumbprint. */
  readonly kid: string;
  /** The content key, wrapped for this recipient. */
  readonly encryptedKey: Uint8Array;
}

export interface SealedCopy {
  readonly header: CopyHeader;
  readonly recipients: readonly Wrapped[];
  /** Gives the content to whoever has unwrapped the content key, which is zeroed here. Throws NotOpened. */
  open(contentKey: Uint8Array): CopyContent;
}

/** Why a copy cannot be opened, in words that tell nothing of what it holds. */
export class NotOpened extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'NotOpened';
  }
}

/** Throws NotOpened if the bytes are not a whole copy. */
export function readCopy(bytes: Uint8Array): SealedCopy {
  const jwe = generalJwe.safeParse(parseJson(Buffer.from(bytes).toString('utf8')));
  if (!jwe.success) throw new NotOpened('it is no whole JWE: truncated, or not a portable copy');
  const header = copyHeader.safeParse(parseJson(decoded(jwe.data.protected).toString('utf8')));
  if (!header.success) throw new NotOpened('its protected header is not one of a portable copy of format 1');
  return {
    header: header.data,
    recipients: jwe.data.recipients.map(({ encrypted_key, header: { kid } }) => ({
      kid,
      encryptedKey: decoded(encrypted_key),
    })),
    open: (contentKey) => contentOf(jwe.data, header.data, contentKey),
  };
}

/** With an offline private key in PEM; the recipient is found by its thumbprint. */
export function openOffline(bytes: Uint8Array, pem: string): { header: CopyHeader; content: CopyContent } {
  const key = privateKeyOf(pem);
  const copy = readCopy(bytes);
  const kid = thumbprintOf(createPublicKey(key));
  const own = copy.recipients.find((recipient) => recipient.kid === kid);
  if (!own) {
    const others = copy.recipients.map((recipient) => recipient.kid).join(', ');
    throw new NotOpened(`it was not made for this key (${kid}) but for ${others}`);
  }
  return { header: copy.header, content: copy.open(unwrapped(own.encryptedKey, key)) };
}

/** The kid of an offline recipient: the thumbprint of its public key (RFC 7638). */
export function thumbprintOf(publicKey: KeyObject): string {
  const { e, kty, n } = publicKey.export({ format: 'jwk' });
  return Buffer.from(sha256Hex(JSON.stringify({ e, kty, n })), 'hex').toString('base64url');
}

function privateKeyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new NotOpened(
      'the key is no private key in PEM, or has a password: decrypt it first, e.g. by openssl rsa',
    );
  }
}

function unwrapped(encryptedKey: Uint8Array, key: KeyObject): Uint8Array {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return privateDecrypt({ key, padding, oaepHash: 'sha256' }, encryptedKey);
  } catch {
    throw new NotOpened('its content key was not wrapped for this key');
  }
}

function contentOf(jwe: z.infer<typeof generalJwe>, header: CopyHeader, contentKey: Uint8Array): CopyContent {
  let plain: Buffer | null = null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', contentKey, decoded(jwe.iv), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(jwe.protected, 'ascii'));
    decipher.setAuthTag(decoded(jwe.tag));
    plain = Buffer.concat([decipher.update(decoded(jwe.ciphertext)), decipher.final()]);
    const content = copyContent.parse(JSON.parse(plain.toString('utf8')));
    if (content.kind === header.kind && content.name === header.name) return content;
  } catch {
    // What is thrown here may quote the content.
  } finally {
    plain?.fill(0);
    contentKey.fill(0);
  }
  throw new NotOpened('its content does not decrypt: altered, or its content key belongs to another copy');
}

const decoded = (text: string): Buffer => Buffer.from(text, 'base64url');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
