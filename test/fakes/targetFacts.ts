/** What a fake target can be like, and how it shows what it holds. */
import { BackupError } from '../../shared/domain/errors.ts';
import type { RotationPolicy } from '../../shared/domain/recoveryPoint.ts';
import type { TargetObject } from '../../shared/ports/targetVault.ts';
import { currentOf, type FakeVersion } from './fakeBlob.ts';
import { defaultPolicy, type Held } from './targetShelf.ts';

export interface TargetTraits {
  region: string | null;
  recoveryLevel: string;
  /** `told`: 400 before anything else. `hidden`: a taken name is refused first, without naming a version. */
  geography: 'same' | 'told' | 'hidden';
  /** Which version a 409 names: the one that the blob holds, the one that is in the way, or none. */
  namesVersion: 'blob' | 'live' | 'none';
  /** Whether the lists of deleted keys and secrets show what a deleted certificate owns: nobody has recorded it. */
  listsDeletedManaged: boolean;
  settleMs: number;
  limboMs: number;
  callsPerSecond: number;
}

export const usualTraits: TargetTraits = {
  region: 'westeurope',
  recoveryLevel: 'Recoverable+Purgeable',
  geography: 'same',
  namesVersion: 'blob',
  listsDeletedManaged: true,
  settleMs: 2_000,
  limboMs: 3_000,
  callsPerSecond: 25,
};

export const unknownFacts: Omit<FakeVersion, 'version'> = {
  created: null,
  updated: null,
  enabled: null,
  notBefore: null,
  expires: null,
  contentType: null,
  tagsDigest: null,
  publicKeyDigest: null,
  x5t: null,
};

/** As a list shows it: of the current version, without its id or public key. */
export function listedAs({ kind, name, managed, versions }: Held, recoveryLevel: string): TargetObject {
  const { version: _id, publicKeyDigest: _digest, ...facts } = currentOf(versions);
  return { kind, name, managed, tagNames: [], ...facts, recoveryLevel };
}

export const cannotDecrypt = () =>
  new BackupError('wrongGeography', 'Cannot decrypt backup blob.', { hint: 'Use portable copies.' });

/** The service adds its default action to what it is given. */
export const withDefault = (policy: RotationPolicy): RotationPolicy => ({
  expiryTime: policy.expiryTime,
  actions: [...policy.actions, ...defaultPolicy.actions],
});
