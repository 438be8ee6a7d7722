/**
 * A vault that is backed up. One method is one request, so that the limiter sees and spaces every call.
 *
 * Errors: every method rejects with a BackupError whose code tells what to do (domain/errors.ts), or with NotNow when a
 * policy will not wait for the vault in this slot. Nothing is retried below this port.
 */
import type { KeyFacts } from '../domain/capture.ts';
import type { Budget, Kind, ListedObject, ObjectRef } from '../domain/objects.ts';
import type { CertificateIssuer } from '../domain/vaultConfig.ts';
import type { VersionFacts } from './targetVault.ts';

export interface ListPage {
  /** May be empty although there are more pages: recorded traffic shows it. */
  readonly objects: readonly ListedObject[];
  /** Null on the last page; an opaque link otherwise, good for a retry. */
  readonly next: string | null;
}

export interface VaultBlob {
  /** Opaque: never decoded, never logged. */
  readonly bytes: Uint8Array;
  /** The vault's own Date header, ISO 8601: our clock may be wrong, and "racy" is judged by the vault's. */
  readonly vaultDate: string;
}

export interface VersionsPage {
  readonly versions: readonly VersionFacts[];
  readonly next: string | null;
  readonly vaultDate: string;
}

export interface IssuersPage {
  readonly issuers: readonly CertificateIssuer[];
  readonly next: string | null;
}

export type CurrentKey = Pick<KeyFacts, 'keyType' | 'currentVersion' | 'publicKeyDigest'>;

export interface SourceVault {
  /** One page of 25 at most. `next` null asks for the first page. */
  listPage(kind: Kind, next: string | null): Promise<ListPage>;
  /** All versions in one blob. notFound if it is gone, managed if a certificate owns it. */
  backup(ref: ObjectRef): Promise<VaultBlob>;
  /** One page of 25 at most, in no order of time; none for an object that is not there. `next` as in listPage. */
  versionsPage(ref: ObjectRef, next: string | null): Promise<VersionsPage>;
  currentKey(name: string): Promise<CurrentKey>;
  rotationPolicy(name: string): Promise<KeyFacts['rotationPolicy']>;
  /** The certificate issuers that the vault knows, without their accounts: one page of 25 at most. */
  issuersPage(next: string | null): Promise<IssuersPage>;
  /** The region that the vault's answers named last; null before the first answer. */
  region(): string | null;
}

/** How fast the vault may be called, as the governor sees it now. */
export interface VaultPace {
  callsPerSecond(budget: Budget): number;
  /** Milliseconds until the vault may be called again; 0 if it may be called now. */
  pausedForMs(): number;
  /** An object met an unreachable vault. True if several did in succession: an outage, which is nobody's failure. */
  sawUnreachable(key: string): boolean;
}

/** Requests made and 429s seen since the last take, in this process. */
export interface RequestMeter {
  take(): RequestCount;
  /** Negative counts take away what is counted elsewhere. */
  giveBack(count: RequestCount): void;
}
export interface RequestCount {
  readonly vault: number;
  readonly throttled: number;
  /** How long the vault was paused, and the lowest share of the budget that was used. */
  readonly pausedMs?: number;
  readonly slowest?: number;
}

export interface GovernedVault {
  readonly calls: SourceVault;
  /** The same vault for a listing, which waits in its slot because it cannot go back to the queue. */
  readonly patientCalls: SourceVault;
  readonly pace: VaultPace;
  readonly meter: RequestMeter;
}
