/**
 * The backup blob: one length byte, an ASCII marker, a compact JWE. Really encrypted
 * (A256CBC-HS512, random key and IV), under a key of the subscription and geography, so that it opens nowhere
 * else. Only the wrapping of the content key differs from the header's RSA-OAEP-256: it is AES-GCM, padded to
 * the size of an RSA-2048 block.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { badParameter, ServiceError } from './errors.ts';

/** Certificate blobs carry the key marker too: a marker cannot tell a key from a certificate. */
const markers = {
  secret: 'AzureKeyVaultSecretBackupV1.microsoft.com',
  key: 'AzureKeyVaultKeyBackupV1.microsoft.com',
  certificate: 'AzureKeyVaultKeyBackupV1.microsoft.com',
} as const;

export interface World {
  subscription: string;
  geography: string;
}

/** Derived, not random, so that emulators of one subscription and geography open each other's blobs. */
function worldKey(world: World): Buffer {
  return Buffer.from(
    hkdfSync('sha256', 'key vault emulator', world.subscription, `geography:${world.geography}`, 32),
  );
}

/** Equal for all vaults of a geography, as in the recordings. */
function worldKid(world: World): string {
  const hex = createHash('sha256').update(world.geography).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function wrapKey(world: World, contentKey: Buffer): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', worldKey(world), iv);
  const wrapped = Buffer.concat([cipher.update(contentKey), cipher.final()]);
  return Buffer.concat([iv, wrapped, cipher.getAuthTag(), randomBytes(256 - 12 - 64 - 16)]);
}

function unwrapKey(world: World, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', worldKey(world), wrapped.subarray(0, 12));
  decipher.setAuthTag(wrapped.subarray(76, 92));
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(12, 76)), decipher.final()]);
  } catch {
    // Status and code of this answer were never recorded, only its text.
    throw badParameter('Cannot decrypt backup blob.');
  }
}

function tagOf(key: Buffer, header: string, iv: Buffer, ciphertext: Buffer): Buffer {
  const aad = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(aad.length * 8));
  const mac = createHmac('sha512', key.subarray(0, 32))
    .update(aad)
    .update(iv)
    .update(ciphertext)
    .update(length);
  return mac.digest().subarray(0, 32);
}

export function seal(kind: keyof typeof markers, world: World, plaintext: Buffer): string {
  const header = Buffer.from(
    JSON.stringify({ kid: worldKid(world), alg: 'RSA-OAEP-256', enc: 'A256CBC-HS512' }),
  ).toString('base64url');
  const key = randomBytes(64);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key.subarray(32), iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const parts = [wrapKey(world, key), iv, ciphertext, tagOf(key, header, iv, ciphertext)];
  const jwe = [header, ...parts.map((part) => part.toString('base64url'))].join('.');
  const marker = Buffer.from(markers[kind]);
  return Buffer.concat([Buffer.from([marker.length]), marker, Buffer.from(jwe)]).toString('base64url');
}

export function open(kind: keyof typeof markers, world: World, value: string): Buffer {
  const bytes = Buffer.from(value, 'base64url');
  const length = bytes[0];
  if (length === undefined || bytes.length <= length) throw corruptBlob();
  if (bytes.subarray(1, 1 + length).toString('latin1') !== markers[kind]) throw unknownBlob();
  const [header = '', ...parts] = bytes
    .subarray(1 + length)
    .toString('latin1')
    .split('.');
  const [wrapped, iv, ciphertext, tag] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (wrapped?.length !== 256 || iv?.length !== 16 || ciphertext === undefined || tag?.length !== 32) {
    throw corruptBlob();
  }
  const key = unwrapKey(world, wrapped);
  if (!timingSafeEqual(tag, tagOf(key, header, iv, ciphertext))) throw corruptBlob();
  const decipher = createDecipheriv('aes-256-cbc', key.subarray(32), iv);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

function corruptBlob(): ServiceError {
  return new ServiceError(400, 'Malformed backup blob', 'Backup blob is corrupt.');
}

export function unknownBlob(): ServiceError {
  return new ServiceError(400, 'Malformed backup blob', 'Backup blob contains invalid or corrupt version.');
}
