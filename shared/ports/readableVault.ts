/**
 * A vault whose values may be read: only the portable app has one. One method is one request, so that the limiter sees
 * every call. Errors: as SourceVault; none carries anything of an answer, because the answers hold values.
 */

import type { ObjectRef } from '../domain/objects.ts';
import type { CertificatePolicy, CopiedVersion } from '../domain/portableCopy.ts';
import type { RequestMeter, VaultPace, VersionsPage } from './sourceVault.ts';

/** A value with its vault's own Date, ISO 8601. */
export interface ReadVersion extends CopiedVersion {
  readonly vaultDate: string;
}

export interface ReadCertificate {
  readonly version: string;
  readonly enabled: boolean;
  readonly created: number | null;
  readonly updated: number | null;
  readonly notBefore: number | null;
  readonly expires: number | null;
  readonly tagsDigest: string | null;
  readonly x5t: string | null;
  /** DER in base64; null while the certificate is not issued. */
  readonly cer: string | null;
  readonly policy: CertificatePolicy;
  readonly vaultDate: string;
}

export interface ReadableVault {
  /** Of a certificate's secret: its PFX or PEM. Null for a disabled version, whose value the vault gives to nobody. */
  secret(name: string, version: string | null): Promise<ReadVersion | null>;
  versionsPage(ref: ObjectRef, next: string | null): Promise<VersionsPage>;
  certificate(name: string): Promise<ReadCertificate>;
  /** The public JWK of a key's current version, with its kid. */
  publicKey(name: string): Promise<{ jwk: Record<string, unknown>; vaultDate: string }>;
  /** Names of certificates, those among them too that were never issued. */
  certificatesPage(next: string | null): Promise<{ names: readonly string[]; next: string | null }>;
  region(): string | null;
}

export interface GovernedReadable {
  readonly calls: ReadableVault;
  /** The same vault for calls that cannot go back to the queue half-way, and so wait in their slot. */
  readonly patientCalls: ReadableVault;
  readonly pace: VaultPace;
  readonly meter: RequestMeter;
}
