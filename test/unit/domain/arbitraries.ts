/** Arbitrary values of the vocabulary, as Key Vault allows them, and lines with only the interesting field as argument. */
import * as fc from 'fast-check';
import { kinds, type ListedObject } from '../../../shared/domain/objects.ts';
import type { IndexLine } from '../../../shared/domain/recoveryPoint.ts';
import { runIdOf } from '../../../shared/domain/runId.ts';

const charsOf = (text: string) => fc.constantFrom(...text.split(''));
const digits = '0123456789';
const lower = 'abcdefghijklmnopqrstuvwxyz';

/** Key Vault's rule for object names: 1 to 127 of 0-9, a-z, A-Z and -. */
export const objectName = fc.string({
  unit: charsOf(`${lower}${lower.toUpperCase()}${digits}-`),
  minLength: 1,
  maxLength: 127,
});
export const vaultName = fc
  .tuple(
    charsOf(lower),
    fc.string({ unit: charsOf(`${lower}${digits}-`), minLength: 1, maxLength: 22 }),
    charsOf(`${lower}${digits}`),
  )
  .map((parts) => parts.join(''));
export const kind = fc.constantFrom(...kinds);
export const instant = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));
export const runId = instant.map(runIdOf);
export const epoch = fc.integer({ min: 1, max: 4_102_444_800 });

export const listed = (fields: Partial<ListedObject> = {}): ListedObject => ({
  kind: 'secret',
  name: 'db-password',
  created: 1_700_000_000,
  updated: 1_700_000_000,
  enabled: true,
  notBefore: null,
  expires: null,
  contentType: null,
  tagNames: [],
  tagsDigest: null,
  managed: false,
  x5t: null,
  ...fields,
});

export const line = (fields: Partial<IndexLine> = {}): IndexLine => ({
  kind: 'secret',
  name: 'db-password',
  outcome: 'stored',
  reason: null,
  blob: null,
  size: null,
  sha256: null,
  capturedAt: null,
  pass: null,
  created: null,
  updated: null,
  enabled: null,
  notBefore: null,
  expires: null,
  contentType: null,
  tagNames: [],
  tagsDigest: null,
  currentVersion: null,
  versions: null,
  versionsSeenAt: null,
  keyType: null,
  publicKeyDigest: null,
  x5t: null,
  rotationPolicy: null,
  portable: null,
  ...fields,
});
