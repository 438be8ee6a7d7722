/**
 * A vault that is restored into. One method is one request (but for pages), so that the limiter sees every call.
 *
 * Errors: as SourceVault: a BackupError whose code tells what to do, or NotNow. Nothing is retried below this port; a
 * restore POST above all, because a second one answers 409 although the first one took effect.
 */
import type { Kind, ListedObject, ObjectRef } from '../domain/objects.ts';
import type { CertificatePolicy } from '../domain/portableCopy.ts';
import type { RotationPolicy } from '../domain/recoveryPoint.ts';
import type { IssuersPage } from './sourceVault.ts';

/** What can be seen of a version without reading a value. Times are Unix seconds. */
export interface VersionFacts {
  readonly version: string;
  readonly created: number | null;
  readonly updated: number | null;
  readonly enabled: boolean | null;
  readonly notBefore: number | null;
  readonly expires: number | null;
  readonly contentType: string | null;
  readonly tagsDigest: string | null;
  /** As CurrentKey.publicKeyDigest; only where the answer holds the key. */
  readonly publicKeyDigest: string | null;
  readonly x5t: string | null;
  /** `Recoverable`, `Recoverable+Purgeable`, `CustomizedRecoverable` …: whether a purge is possible here. */
  readonly recoveryLevel: string | null;
}

/** A live or soft-deleted object of the target, with its current version's facts as far as a listing shows them. */
export interface TargetObject extends ListedObject {
  readonly recoveryLevel: string | null;
}

export interface TargetPage {
  readonly objects: readonly TargetObject[];
  readonly next: string | null;
}

/** One version of a secret, or of a certificate with its policy, as a portable copy holds it. */
export interface NewVersion {
  readonly value: string;
  readonly contentType: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly notBefore: number | null;
  readonly expires: number | null;
}

export interface TargetVault {
  listPage(kind: Kind, next: string | null): Promise<TargetPage>;
  listDeletedPage(kind: Kind, next: string | null): Promise<TargetPage>;
  /** All versions of a live object, in no order; empty if there is none. One request per page of 25. */
  versions(ref: ObjectRef): Promise<VersionFacts[]>;
  /** All versions come back; the facts of the current one. conflict if the name is taken in any way, or just purged. */
  restore(kind: Kind, blob: Uint8Array): Promise<VersionFacts>;
  backup(ref: ObjectRef): Promise<Uint8Array>;
  /** Soft-deletes; the facts of the current version at that moment. Settles later: ask deleted(). */
  remove(ref: ObjectRef): Promise<VersionFacts>;
  /** The facts of a soft-deleted object; null while it is not (yet, or any more) soft-deleted. */
  deleted(ref: ObjectRef): Promise<VersionFacts | null>;
  purge(ref: ObjectRef): Promise<void>;
  /** Settles later: ask versions(). */
  recover(ref: ObjectRef): Promise<void>;
  /** Makes a new version; `kept`: whether the vault answered with the value that was sent. No error carries a value. */
  setSecret(name: string, version: NewVersion): Promise<{ facts: VersionFacts; kept: boolean }>;
  /** Makes a new version, PFX or PEM as `contentType` says. No error carries the key. */
  importCertificate(
    name: string,
    version: NewVersion,
    policy: CertificatePolicy | null,
  ): Promise<VersionFacts>;
  /** Whether the vault knows an issuer of this name. */
  hasIssuer(name: string): Promise<boolean>;
  /** As SourceVault.issuersPage. */
  issuersPage(next: string | null): Promise<IssuersPage>;
  rotationPolicy(name: string): Promise<RotationPolicy>;
  setRotationPolicy(name: string, policy: RotationPolicy): Promise<void>;
  region(): string | null;
}
