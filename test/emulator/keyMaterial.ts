/**
 * Key pairs as private JWKs: made, or taken from an import. Node calls P-256K secp256k1.
 */
import { createPrivateKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { badParameter } from './errors.ts';

const generate = promisify(generateKeyPair);

export const nodeCurves: Record<string, string> = {
  'P-256': 'P-256',
  'P-384': 'P-384',
  'P-521': 'P-521',
  'P-256K': 'secp256k1',
};

export const curveBits: Record<string, number> = { 'P-256': 256, 'P-384': 384, 'P-521': 521, 'P-256K': 256 };

export const rsaSizes = [2048, 3072, 4096];

export async function makeRsa(bits: number): Promise<JsonWebKey> {
  if (!rsaSizes.includes(bits)) throw badParameter(`Key size ${bits} is not supported.`);
  return privateJwk((await generate('rsa', { modulusLength: bits })).privateKey);
}

export async function makeEc(curve: string): Promise<JsonWebKey> {
  const namedCurve = nodeCurves[curve];
  if (namedCurve === undefined) throw badParameter(`Curve ${curve} is not supported.`);
  return privateJwk((await generate('ec', { namedCurve })).privateKey);
}

export function privateJwk(key: KeyObject): JsonWebKey {
  return key.export({ format: 'jwk' });
}

/** Throws 400 when the members do not make a usable private key. */
export function importJwk(jwk: JsonWebKey): JsonWebKey {
  try {
    return privateJwk(createPrivateKey({ key: jwk, format: 'jwk' }));
  } catch {
    throw badParameter('The key material is not valid.');
  }
}

export function rsaBits(jwk: JsonWebKey): number {
  return Math.floor(((jwk.n ?? '').length * 3) / 4) * 8;
}
