/** Reads what this service wrote down earlier: what is no record of its kind is a clear error that names the blob. Pure. */
import type { z } from 'zod';
import { BackupError } from './errors.ts';

/** What lies in `state` may be lost at any time; what lies in an immutable container cannot be mended. */
export type Where = 'state' | 'immutable';

const hintOf: Readonly<Record<Where, string>> = {
  state:
    'Delete that blob: what lies in the state container may be lost at any time. If a newer version of this app wrote it, run that version.',
  immutable: 'Find out who could write to the container, and whether a newer version of this app did.',
};

const longestReason = 300;

export function parseStored<T>(
  blob: string,
  content: Uint8Array | string,
  schema: z.ZodType<T>,
  where: Where,
): T {
  const unread = (reason: string, cause?: unknown) =>
    new BackupError('corruptBlob', `${blob} cannot be read: ${reason.slice(0, longestReason)}`, {
      hint: hintOf[where],
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(typeof content === 'string' ? content : Buffer.from(content).toString('utf8'));
  } catch (error) {
    throw unread('it is not JSON', error);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw unread(
    result.error.issues.map(({ path, message }) => `${path.join('.') || 'record'}: ${message}`).join('; '),
  );
}

/** One record a line. */
export const parseStoredLines = <T>(
  blob: string,
  content: Uint8Array | string,
  schema: z.ZodType<T>,
  where: Where,
): T[] =>
  (typeof content === 'string' ? content : Buffer.from(content).toString('utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseStored(blob, line, schema, where));

/** One record a line; what cannot be read is as if it were lost. For work whose seal finds and names what is missing. */
export const readableLines = <T>(content: Uint8Array | string, schema: z.ZodType<T>): T[] =>
  (typeof content === 'string' ? content : Buffer.from(content).toString('utf8'))
    .split('\n')
    .flatMap((line) => {
      try {
        return [schema.parse(JSON.parse(line))];
      } catch {
        return [];
      }
    });
