/** How long a move takes under the budgets, roughly: calls over rate. Waiting for people is not in it. Pure. */
import type { MovedObject, MoveReport } from './moveReport.ts';

export interface Budgets {
  readonly requestsPer10Seconds: number;
  readonly keyRequestsPer10Seconds: number;
  readonly creatingRequestsPer10Seconds: number;
}

const objectsPerPage = 25;
/** A key is read, its rotation policy too, and backed up. */
const callsPerKey = 3;
/** A portable app looks for new points every so often. */
const copiesWithinSeconds = 300;

export function estimateOf(
  objects: readonly MovedObject[],
  listed: number,
  budgets: Budgets,
): MoveReport['estimate'] {
  const isKey = ({ object }: MovedObject) => object.startsWith('keys/');
  const travelling = objects.filter(({ travels }) => travels !== 'not' && travels !== 'there');
  const keys = objects.filter(isKey).length;
  const others = objects.length - keys;
  const pages = Math.ceil(listed / objectsPerPage);
  const byCopy = travelling.some(({ travels }) => travels === 'portable');
  const seconds =
    per10(others, budgets.requestsPer10Seconds) +
    per10(callsPerKey * keys, budgets.keyRequestsPer10Seconds) +
    // Two runs, each of which lists twice; two comparisons.
    per10(6 * pages, budgets.requestsPer10Seconds) +
    per10(travelling.length, budgets.creatingRequestsPer10Seconds) +
    per10(2 * travelling.length, budgets.requestsPer10Seconds) +
    (byCopy ? 2 * copiesWithinSeconds : 0);
  const calls = others + callsPerKey * keys + 6 * pages + 3 * travelling.length;
  return {
    seconds: Math.ceil(seconds),
    calls,
    how: `two runs, ${travelling.length} to restore, two comparisons, within the budgets${byCopy ? '; up to five minutes for the portable copies, twice' : ''}`,
  };
}

const per10 = (calls: number, budget: number): number => (10 * calls) / budget;
