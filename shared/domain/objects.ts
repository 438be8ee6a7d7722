/**
 * The vault's vocabulary: kinds of object, references to them, and what a listing tells.
 * Object names compare case-insensitively (docs: "about keys, secrets and certificates"), so everything
 * that looks an object up goes through objectKey.
 */
import { createHash } from 'node:crypto';

export const kinds = ['secret', 'key', 'certificate'] as const;
export type Kind = (typeof kinds)[number];

/** Folder, route and glob prefix of a kind. */
export const pluralOf = { secret: 'secrets', key: 'keys', certificate: 'certificates' } as const;

export interface ObjectRef {
  readonly kind: Kind;
  readonly name: string;
}

/** Keys have a budget of their own, and so a lane of their own: they must not hold up the rest. */
export const lanes = ['objects', 'keys'] as const;
export type Lane = (typeof lanes)[number];
export const laneOf = (kind: Kind): Lane => (kind === 'key' ? 'keys' : 'objects');

/** The requests per 10 s that we allow ourselves against one vault; what creates objects is counted apart too. */
export type Budget = Lane | 'creates';

/** Vault calls per captured object: a key needs get, rotation policy and backup (no listing has its type). */
export const callsPerCapture = { objects: 1, keys: 3 } as const satisfies Record<Lane, number>;

/** What the list operations tell of an object's current version. Times are Unix seconds. */
export interface ListedObject extends ObjectRef {
  readonly created: number | null;
  readonly updated: number | null;
  readonly enabled: boolean | null;
  readonly notBefore: number | null;
  readonly expires: number | null;
  readonly contentType: string | null;
  readonly tagNames: readonly string[];
  /** SHA-256 of the sorted tags; values stay out of immutable storage. Null without tags. */
  readonly tagsDigest: string | null;
  /** True for the key and secret that a certificate owns. */
  readonly managed: boolean;
  /** SHA-1 thumbprint of a certificate, base64url. */
  readonly x5t: string | null;
}

/** One string per object, equal for names that the vault holds equal. */
export const objectKey = (ref: ObjectRef): string => `${pluralOf[ref.kind]}/${ref.name.toLowerCase()}`;

export const sha256Hex = (data: Uint8Array | string): string =>
  createHash('sha256').update(data).digest('hex');

/** Names of tags in order, and one digest over names and values, enough to verify a restore. */
export function describeTags(tags: Readonly<Record<string, string>> | undefined): {
  tagNames: string[];
  tagsDigest: string | null;
} {
  const entries = Object.entries(tags ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return { tagNames: [], tagsDigest: null };
  return { tagNames: entries.map(([name]) => name), tagsDigest: sha256Hex(JSON.stringify(entries)) };
}
