/**
 * Globs over `secrets/name`, `keys/name`, `certificates/name`, case-insensitively; `**` is everything.
 * Used by plans (include, exclude) and by restores.
 */
import picomatch from 'picomatch';
import { type ObjectRef, objectKey } from './objects.ts';

export interface Selection {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

const patternShape = /^(\*\*|(secrets|keys|certificates|\*)\/[0-9A-Za-z*?\-[\]{},!]+)$/;

/** Null if the pattern can match something, else what to write instead. */
export function problemOfPattern(pattern: string): string | null {
  if (patternShape.test(pattern)) return null;
  return 'write "**", "secrets/name", "keys/prefix-*" or "certificates/*"';
}

export function matcherOf({ include, exclude }: Selection): (ref: ObjectRef) => boolean {
  const included = picomatch(include.map(lower));
  const excluded = exclude.length > 0 ? picomatch(exclude.map(lower)) : () => false;
  return (ref) => included(objectKey(ref)) && !excluded(objectKey(ref));
}

const lower = (pattern: string) => pattern.toLowerCase();
