/**
 * What is inside a blob of the fakes: one object with all its versions, under a checksum. Only the fakes open it, as
 * only Key Vault opens the real ones; for the product it is opaque bytes that differ at every backup.
 */
import { type Kind, type ObjectRef, sha256Hex } from '../../shared/domain/objects.ts';
import type { VersionFacts } from '../../shared/ports/targetVault.ts';

/** The recovery level is the vault's, not the version's. */
export type FakeVersion = Omit<VersionFacts, 'recoveryLevel'>;

export interface FakeContent extends ObjectRef {
  /** The vault that made it can always open it; another one only in the same geography. */
  readonly sealedBy: 'source' | 'target';
  /** In the order they were made: the last one is the current one. */
  readonly versions: readonly FakeVersion[];
}

export function sealBlob(content: FakeContent, nonce: number): Uint8Array {
  const text = JSON.stringify({ ...content, nonce });
  return Buffer.from(`${sha256Hex(text)} ${text}`);
}

/** Null if the bytes were changed, or are of another kind. */
export function openBlob(kind: Kind, bytes: Uint8Array): FakeContent | null {
  const text = Buffer.from(bytes).toString('utf8');
  const [digest, content] = [text.slice(0, 64), text.slice(65)];
  if (sha256Hex(content) !== digest) return null;
  const { name, versions, sealedBy, kind: sealed } = JSON.parse(content) as FakeContent;
  return sealed === kind ? { kind, name, versions, sealedBy } : null;
}

/** Thirty-two hex digits, as a version id has. */
export const versionId = (seed: string): string => sha256Hex(seed).slice(0, 32);

/** What the last change made of an object; the current version. */
export function currentOf(versions: readonly FakeVersion[]): FakeVersion {
  const current = versions.at(-1);
  if (!current) throw new Error('an object has at least one version');
  return current;
}
