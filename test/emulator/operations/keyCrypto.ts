/**
 * Key use: encrypt, decrypt, wrap, unwrap, sign, verify. Refused unless the key is enabled
 * and lists the operation; outside nbf and exp only decrypt, unwrap and verify work.
 */
import { constants, createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt } from 'node:crypto';
import { type Call, type Operation, ok, type Reply } from '../call.ts';
import { signEc, signPss, signRsa, verifyEc, verifyPss, verifyRsa } from '../digestSigning.ts';
import { badParameter, forbidden } from '../errors.ts';
import type { KeyVersion } from '../model.ts';
import { asString, type Json, parseBody } from '../validate.ts';
import { seconds } from '../vault.ts';
import { idOf } from '../views.ts';
import { pickKey } from './keys.ts';

type KeyUse = 'encrypt' | 'decrypt' | 'wrapKey' | 'unwrapKey' | 'sign' | 'verify';

const paddings: Record<string, { padding: number; oaepHash?: string }> = {
  RSA1_5: { padding: constants.RSA_PKCS1_PADDING },
  'RSA-OAEP': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  'RSA-OAEP-256': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
};

const ecAlgorithms: Record<string, { crv: string; bytes: number }> = {
  ES256: { crv: 'P-256', bytes: 32 },
  ES384: { crv: 'P-384', bytes: 48 },
  ES512: { crv: 'P-521', bytes: 64 },
  ES256K: { crv: 'secp256k1', bytes: 32 },
};

function use(operation: KeyUse, call: Call): Reply {
  const [entry, version] = pickKey(call);
  requireUsable(operation, version, seconds(call.vault));
  const body = parseBody(call.body);
  const alg = asString(body['alg']);
  const kid = idOf(call.vault, 'key', entry.name, version.id);
  if (operation === 'verify') return ok({ value: verifies(version, alg, body) });
  const input = bytesOf(body['value']);
  const output = operation === 'sign' ? signs(version, alg, input) : ciphers(operation, version, alg, input);
  return ok({ kid, value: output.toString('base64url') });
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(asString(value), 'base64url');
}

function requireUsable(operation: KeyUse, version: KeyVersion, now: number): void {
  // The texts of the first and third refusal were never recorded.
  if (!version.enabled)
    throw forbidden(`Operation ${operation} is not allowed on a disabled key.`, 'KeyDisabled');
  if (!version.keyOps.includes(operation)) {
    throw forbidden(`Operation ${operation} is not permitted on this key.`, 'KeyOperationForbidden');
  }
  const makes = operation === 'sign' || operation === 'encrypt' || operation === 'wrapKey';
  const outside = now < (version.nbf ?? now) || now > (version.exp ?? now);
  if (makes && outside)
    throw forbidden(`Operation ${operation} is not allowed on an expired or not yet valid key.`);
}

function ciphers(operation: KeyUse, version: KeyVersion, alg: string, input: Buffer): Buffer {
  const padding = paddings[alg];
  if (padding === undefined || version.jwk.kty !== 'RSA') throw unsupported(alg);
  try {
    if (operation === 'encrypt' || operation === 'wrapKey') {
      const { kty, n, e } = version.jwk;
      const key = { kty, n, e } as KeyVersion['jwk'];
      return publicEncrypt({ key: createPublicKey({ key, format: 'jwk' }), ...padding }, input);
    }
    return privateDecrypt({ key: createPrivateKey({ key: version.jwk, format: 'jwk' }), ...padding }, input);
  } catch {
    throw badParameter('The parameter is incorrect.');
  }
}

function signs(version: KeyVersion, alg: string, digest: Buffer): Buffer {
  const { jwk } = version;
  if (isEc(version, alg, digest)) return signEc(jwk, digest);
  const hash = rsaHash(version, alg, digest);
  return alg.startsWith('PS') ? signPss(jwk, hash, digest) : signRsa(jwk, hash, digest);
}

function verifies(version: KeyVersion, alg: string, body: Json): boolean {
  const { jwk } = version;
  const digest = bytesOf(body['digest']);
  const signature = bytesOf(body['value']);
  if (isEc(version, alg, digest)) return verifyEc(jwk, digest, signature);
  const hash = rsaHash(version, alg, digest);
  const verify = alg.startsWith('PS') ? verifyPss : verifyRsa;
  return verify(jwk, hash, digest, signature);
}

function isEc(version: KeyVersion, alg: string, digest: Buffer): boolean {
  const ec = ecAlgorithms[alg];
  if (ec === undefined) return false;
  if (version.jwk.crv !== ec.crv) throw unsupported(alg);
  if (digest.length !== ec.bytes) throw badParameter('The digest has the wrong length.');
  return true;
}

function rsaHash(version: KeyVersion, alg: string, digest: Buffer): string {
  const bits = /^[RP]S(256|384|512)$/.exec(alg)?.[1];
  if (bits === undefined || version.jwk.kty !== 'RSA') throw unsupported(alg);
  if (digest.length * 8 !== Number(bits)) throw badParameter('The digest has the wrong length.');
  return `sha${bits}`;
}

function unsupported(alg: string) {
  return badParameter(`Key and signing algorithm are incompatible, or ${alg} is not supported.`);
}

const actions: Record<KeyUse, string> = {
  encrypt: 'encrypt',
  decrypt: 'decrypt',
  wrapKey: 'wrap',
  unwrapKey: 'unwrap',
  sign: 'sign',
  verify: 'verify',
};

const uses = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'sign', 'verify'] as const;

export const keyCryptoOperations: Operation[] = uses.flatMap((operation) =>
  ['keys/{name}', 'keys/{name}/{version}'].map((path) => ({
    name: `keys.${operation}`,
    method: 'POST' as const,
    path: `${path}/${operation}`,
    action: `keys/${actions[operation]}/action`,
    permission: operation,
    budget: 'keyOther' as const,
    changes: false,
    handle: (call: Call) => use(operation, call),
  })),
);
