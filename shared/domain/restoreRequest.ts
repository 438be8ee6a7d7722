/**
 * What an operator asks for in a restore, and which objects of a recovery point that means. A pattern that matches
 * nothing is an error that names it: on the worst night a typing mistake must not look like success.
 */
import { z } from 'zod';
import { objectKey } from './objects.ts';
import type { IndexLine } from './recoveryPoint.ts';
import { matcherOf, problemOfPattern } from './selection.ts';

export const conflictPolicies = ['fail', 'skip', 'replace'] as const;
export type ConflictPolicy = (typeof conflictPolicies)[number];

/** Key Vault's own blob, the portable copy, or the first unless it cannot be decrypted in the target. */
export const restoreModes = ['native', 'portable', 'auto'] as const;
export type RestoreMode = (typeof restoreModes)[number];

const name = z.string().regex(/^[0-9A-Za-z-]{1,63}$/, 'write the name of a vault');

export const restoreRequest = z
  .strictObject({
    vault: name,
    at: z.iso.datetime({ offset: true, error: 'write an instant such as 2026-11-21T02:00:00Z' }).optional(),
    recoveryPoint: z
      .string()
      .regex(/^\d{8}T\d{6}Z$/, 'write a run id such as 20261121T020000Z')
      .optional(),
    objects: z
      .array(z.string())
      .min(1, 'name at least one object, or ["**"] for all')
      .max(1000, 'at most 1,000 patterns; use globs'),
    target: name,
    onConflict: z.enum(conflictPolicies, `write one of ${conflictPolicies.join(', ')}`).default('fail'),
    mode: z.enum(restoreModes, `write one of ${restoreModes.join(', ')}`).default('native'),
    reason: z.string('say why, for the audit record').trim().min(5, 'say why, for the audit record').max(500),
    dryRun: z.boolean().default(false),
    allowPartial: z.boolean().default(false),
  })
  .refine(({ at, recoveryPoint }) => at === undefined || recoveryPoint === undefined, {
    message: 'give either at or recoveryPoint',
    path: ['at'],
  });
export type RestoreRequest = z.infer<typeof restoreRequest>;

export interface Selected {
  readonly lines: readonly IndexLine[];
  /** One sentence per pattern that selects nothing. */
  readonly problems: readonly string[];
}

const hasBlob = ({ outcome }: IndexLine) => outcome === 'stored' || outcome === 'carried';
/** A name without a kind means that name in every kind. */
const asGlob = (pattern: string) => (pattern === '**' || pattern.includes('/') ? pattern : `*/${pattern}`);

/** `hasCopy`: what can be brought back although it has no blob of Key Vault. */
export function selectObjects(
  index: readonly IndexLine[],
  patterns: readonly string[],
  hasCopy: (line: IndexLine) => boolean = () => false,
): Selected {
  const lines = new Map<string, IndexLine>();
  const problems: string[] = [];
  for (const pattern of patterns) {
    const wrong = problemOfPattern(asGlob(pattern));
    const matches = wrong ? [] : index.filter(matcherOf({ include: [asGlob(pattern)], exclude: [] }));
    const restorable = matches.filter((line) => hasBlob(line) || hasCopy(line));
    for (const line of restorable) lines.set(objectKey(line), line);
    if (wrong) problems.push(`"${pattern}" is no pattern: ${wrong}`);
    else if (restorable.length === 0) problems.push(whyNothing(pattern, matches));
  }
  return { lines: [...lines.values()], problems };
}

function whyNothing(pattern: string, matches: readonly IndexLine[]): string {
  const [first] = matches;
  if (!first) return `"${pattern}" matches nothing in the recovery point`;
  if (first.reason?.startsWith('managed')) {
    return `"${pattern}" matches only what a certificate owns; ask for certificates/${first.name}, which brings its key and secret`;
  }
  return `"${pattern}" matches ${objectKey(first)}, which is ${first.outcome} in the recovery point${first.reason ? ` (${first.reason})` : ''}`;
}
