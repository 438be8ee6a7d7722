/**
 * Checks of request bodies: the few shapes the operations need, with the service's own answer for what does
 * not fit. Limits are the documented object limits.
 */
import { badParameter, invalidProperty } from './errors.ts';
import type { Tags, VersionBase } from './model.ts';

export type Json = Record<string, unknown>;

export function parseBody(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidProperty();
  }
  return asObject(value);
}

export function asObject(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidProperty();
  return value as Json;
}

/** Absent and null are the same to the service. */
export function optionalObject(value: unknown): Json | undefined {
  return value === undefined || value === null ? undefined : asObject(value);
}

export function asString(value: unknown): string {
  if (typeof value !== 'string') throw invalidProperty();
  return value;
}

export function optionalString(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : asString(value);
}

export function optionalBoolean(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalidProperty();
  return value;
}

export function optionalNumber(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw invalidProperty();
  return value;
}

export function stringList(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw invalidProperty();
  return value.map(asString);
}

/** 15 tags; the documentation gives 512 characters for secrets and 256 for keys. */
export function readTags(value: unknown, characters = 256): Tags | undefined {
  const object = optionalObject(value);
  if (object === undefined) return undefined;
  const pairs = Object.entries(object).map(([name, text]): [string, string] => [name, asString(text)]);
  if (pairs.length > 15) throw badParameter('The number of tags must not exceed 15.');
  if (pairs.some(([name, text]) => name.length > characters || text.length > characters)) {
    throw badParameter(`A tag's name and value must not exceed ${characters} characters.`);
  }
  return Object.fromEntries(pairs);
}

export function readContentType(value: unknown): string | undefined {
  const text = optionalString(value);
  if (text !== undefined && text.length > 255) {
    throw badParameter('The content type must not exceed 255 characters.');
  }
  return text;
}

type Attributes = Pick<VersionBase, 'enabled' | 'nbf' | 'exp'>;

/** Merges `attributes` of a request over the values so far. */
export function readAttributes(value: unknown, before: Attributes): Attributes {
  const given = optionalObject(value) ?? {};
  const nbf = optionalNumber(given['nbf']) ?? before.nbf;
  const exp = optionalNumber(given['exp']) ?? before.exp;
  if (nbf !== undefined && exp !== undefined && nbf > exp) {
    throw badParameter('The not-before date must not be after the expiry date.');
  }
  return { enabled: optionalBoolean(given['enabled']) ?? before.enabled, nbf, exp };
}

export function requireName(name: string): void {
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) {
    throw badParameter(`The request URI contains an invalid name: ${name}`);
  }
}
