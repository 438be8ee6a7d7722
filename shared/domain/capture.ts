/**
 * What a captured object's blob says of itself in its metadata. Metadata is immutable with the blob, so it is the
 * record of the capture: digest, instant and, for a key, the facts that neither the listing nor the blob shows.
 * ASCII and far below the 8 KB that blob metadata may have.
 */
import { z } from 'zod';
import { type CaptureName, parseCaptureBlobName } from './blobNames.ts';
import { type RotationPolicy, rotationPolicy } from './recoveryPoint.ts';

/** What a key's own get and rotation policy calls tell. */
export interface KeyFacts {
  readonly keyType: string | null;
  readonly currentVersion: string | null;
  /** SHA-256 over the public JWK members of the current version. */
  readonly publicKeyDigest: string | null;
  readonly rotationPolicy: RotationPolicy | null;
}

const keyFacts = z.object({
  keyType: z.string().nullable(),
  currentVersion: z.string().nullable(),
  publicKeyDigest: z.string().nullable(),
  rotationPolicy: rotationPolicy.nullable(),
});

export interface CaptureRecord {
  readonly sha256: string;
  readonly capturedAt: string;
  readonly key: KeyFacts | null;
}

export function captureMetadata(
  name: CaptureName & { created: number | null },
  record: CaptureRecord,
): Record<string, string> {
  return {
    sha256: record.sha256,
    kind: name.kind,
    created: String(name.created ?? ''),
    updated: String(name.updated ?? ''),
    captured: record.capturedAt,
    runid: name.runId,
    ...(record.key ? { key: asciiJson(record.key) } : {}),
  };
}

/** A captured blob as a listing or a HEAD shows it. */
export interface Capture extends CaptureRecord {
  readonly blob: string;
  readonly name: CaptureName;
  readonly size: number;
}

/** Null if the blob is none of ours: a name or metadata that this app did not write. */
export function parseCapture(facts: {
  name: string;
  size: number;
  metadata: Readonly<Record<string, string>>;
}): Capture | null {
  const name = parseCaptureBlobName(facts.name);
  const { sha256, captured, key } = facts.metadata;
  if (!name || !sha256 || !/^[0-9a-f]{64}$/.test(sha256) || !captured) return null;
  const parsed = key === undefined ? null : keyFacts.safeParse(parseJson(key));
  if (parsed?.success === false) return null;
  return {
    blob: facts.name,
    name,
    size: facts.size,
    sha256,
    capturedAt: captured,
    key: parsed?.data ?? null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Metadata is ASCII. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
