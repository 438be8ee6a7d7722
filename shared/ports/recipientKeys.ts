/**
 * Keys that portable copies are made for. Their public parts are read for encryption; only a restore asks a vault to
 * unwrap, and the private key never leaves it. One method is one request. Errors: as SourceVault.
 */
import type { Recipient } from '../domain/portablePlan.ts';

export interface RecipientKeys {
  /** The public part of a Key Vault key, by its id: the current version where the id names none. */
  publicKey(keyId: string): Promise<Recipient>;
  /** The content key of a copy, unwrapped by the vault with RSA-OAEP-256. */
  unwrap(kid: string, encryptedKey: Uint8Array): Promise<Uint8Array>;
}
