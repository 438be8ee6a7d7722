/** Differences for people: + came, - went, ~ changed, = the same but for its versions. */
import type { z } from 'zod';
import type { pointDiff } from '../shared/domain/answers.ts';
import type { ObjectDifference } from '../shared/domain/difference.ts';
import type { DiffDetail, LiveDifference } from '../shared/domain/liveDiff.ts';
import { countsText, instant } from './text.ts';

const signs = { appeared: '+', disappeared: '-', changed: '~' } as const;
const instants: ReadonlySet<string> = new Set(['created', 'updated', 'notBefore', 'expires']);

export function differencesText({
  objects,
  unknown,
  counts,
}: z.infer<typeof pointDiff> | DiffDetail): string {
  const { versions, ...kinds } = { versions: {}, ...counts };
  return [
    ...objects.flatMap(linesOf),
    ...unknown.map(({ kind, reason }) => `?  every ${kind}: ${reason}`),
    countsText(kinds) + (Object.keys(versions).length > 0 ? `; versions: ${countsText(versions)}` : ''),
  ].join('\n');
}

function linesOf(difference: ObjectDifference | LiveDifference): string[] {
  const { object, change, attributes } = difference;
  const drift = 'versions' in difference ? difference.versions : null;
  return [
    `${change === null ? '=' : signs[change]}  ${object}`,
    ...attributes.map(
      ({ attribute, from, to }) =>
        `     ${attribute}: ${valueText(attribute, from)} → ${valueText(attribute, to)}`,
    ),
    ...(drift
      ? [
          `     versions ${drift.verdict}${drift.missing === null ? '' : `, ${drift.missing} missing`}: ${drift.why}`,
        ]
      : []),
  ];
}

function valueText(attribute: string, value: ObjectDifference['attributes'][number]['from']): string {
  if (value === null) return 'none';
  if (typeof value === 'number' && instants.has(attribute))
    return instant(new Date(value * 1000).toISOString());
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
