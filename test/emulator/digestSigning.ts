/**
 * Signatures over a digest, which is what the vault signs and node:crypto does not offer. RSA: padding by hand
 * over the raw operation. ECDSA: arithmetic on the scalars, with the point multiplication left to node; since
 * the vault holds the private key, verifying needs no point addition.
 */
import {
  constants,
  createECDH,
  createHash,
  createPrivateKey,
  type JsonWebKey,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
} from 'node:crypto';

const digestInfo: Record<string, string> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

export function signRsa(jwk: JsonWebKey, hash: string, digest: Buffer): Buffer {
  const info = Buffer.from(digestInfo[hash] ?? '', 'hex');
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([info, digest]));
}

export function verifyRsa(jwk: JsonWebKey, hash: string, digest: Buffer, signature: Buffer): boolean {
  return signature.equals(signRsa(jwk, hash, digest));
}

export function signPss(jwk: JsonWebKey, hash: string, digest: Buffer): Buffer {
  const size = modulusBytes(jwk);
  const salt = randomBytes(digest.length);
  const h = pssHash(hash, digest, salt);
  const db = Buffer.concat([Buffer.alloc(size - salt.length - h.length - 2), Buffer.from([1]), salt]);
  const masked = xor(db, mgf1(hash, h, db.length));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  const encoded = Buffer.concat([masked, h, Buffer.from([0xbc])]);
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

export function verifyPss(jwk: JsonWebKey, hash: string, digest: Buffer, signature: Buffer): boolean {
  const size = modulusBytes(jwk);
  if (signature.length !== size) return false;
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const encoded = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  const dbLength = size - digest.length - 1;
  const h = encoded.subarray(dbLength, size - 1);
  const db = xor(encoded.subarray(0, dbLength), mgf1(hash, h, dbLength));
  const salt = db.subarray(db.length - digest.length);
  return encoded.at(-1) === 0xbc && h.equals(pssHash(hash, digest, salt));
}

function modulusBytes(jwk: JsonWebKey): number {
  return Buffer.from(jwk.n ?? '', 'base64url').length;
}

function pssHash(hash: string, digest: Buffer, salt: Buffer): Buffer {
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
}

function mgf1(hash: string, seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let made = 0, counter = 0; made < length; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(hash).update(seed).update(number).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}

const curves: Record<string, { node: string; bytes: number; order: bigint }> = {
  'P-256': {
    node: 'prime256v1',
    bytes: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  'P-384': {
    node: 'secp384r1',
    bytes: 48,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  'P-521': {
    node: 'secp521r1',
    bytes: 66,
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
  secp256k1: {
    node: 'secp256k1',
    bytes: 32,
    order: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  },
};

function curveOf(jwk: JsonWebKey) {
  const curve = curves[jwk.crv ?? ''];
  if (curve === undefined) throw new Error(`no curve ${jwk.crv}`);
  return curve;
}

/** r‖s, each as long as the curve's field. */
export function signEc(jwk: JsonWebKey, digest: Buffer): Buffer {
  const { order, bytes } = curveOf(jwk);
  for (;;) {
    const k = mod(toNumber(randomBytes(bytes + 8)), order);
    const r = k === 0n ? 0n : pointX(jwk, k);
    const s = r === 0n ? 0n : mod(inverse(k, order) * (toNumber(digest) + r * secretOf(jwk)), order);
    if (s !== 0n) return Buffer.concat([toBytes(r, bytes), toBytes(s, bytes)]);
  }
}

export function verifyEc(jwk: JsonWebKey, digest: Buffer, signature: Buffer): boolean {
  const { order, bytes } = curveOf(jwk);
  if (signature.length !== 2 * bytes) return false;
  const r = toNumber(signature.subarray(0, bytes));
  const s = toNumber(signature.subarray(bytes));
  if (r === 0n || s === 0n || r >= order || s >= order) return false;
  const scalar = mod(inverse(s, order) * (toNumber(digest) + r * secretOf(jwk)), order);
  return scalar !== 0n && pointX(jwk, scalar) === r;
}

/** The x coordinate, modulo the order, of `scalar` times the base point. */
function pointX(jwk: JsonWebKey, scalar: bigint): bigint {
  const { node, bytes, order } = curveOf(jwk);
  const ecdh = createECDH(node);
  ecdh.setPrivateKey(toBytes(scalar, bytes));
  return mod(toNumber(ecdh.getPublicKey().subarray(1, 1 + bytes)), order);
}

function secretOf(jwk: JsonWebKey): bigint {
  return toNumber(Buffer.from(jwk.d ?? '', 'base64url'));
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
}

function mod(value: bigint, order: bigint): bigint {
  return ((value % order) + order) % order;
}

function inverse(value: bigint, order: bigint): bigint {
  let [a, b, x, y] = [mod(value, order), order, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
    if (b === 0n) break;
  }
  return mod(x, order);
}
