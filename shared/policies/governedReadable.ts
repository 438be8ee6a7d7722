/** A vault whose values are read, and the keys of copies, behind their governors: as governedVault. */
import { laneOf } from '../domain/objects.ts';
import type { ReadableVault } from '../ports/readableVault.ts';
import type { RecipientKeys } from '../ports/recipientKeys.ts';
import { inTurns } from './governedVault.ts';
import type { Governor, Patience } from './governor.ts';

export function governedReadable(
  inner: ReadableVault,
  governor: Governor,
  patience: Patience,
): ReadableVault {
  const inTurn = inTurns(governor, patience);
  return {
    secret: (name, version) => inTurn('objects', () => inner.secret(name, version)),
    versionsPage: (ref, next) => inTurn(laneOf(ref.kind), () => inner.versionsPage(ref, next)),
    certificate: (name) => inTurn('objects', () => inner.certificate(name)),
    publicKey: (name) => inTurn('keys', () => inner.publicKey(name)),
    certificatesPage: (next) => inTurn('objects', () => inner.certificatesPage(next)),
    region: () => inner.region(),
  };
}

export function governedKeys(inner: RecipientKeys, governor: Governor, patience: Patience): RecipientKeys {
  const inTurn = inTurns(governor, patience);
  return {
    publicKey: (keyId) => inTurn('keys', () => inner.publicKey(keyId)),
    unwrap: (kid, encryptedKey) => inTurn('keys', () => inner.unwrap(kid, encryptedKey)),
  };
}
