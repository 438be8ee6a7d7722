/** What a figure yields: one row per target of the table, with every repetition's value. */

export interface Options {
  /** Fewer sizes and repetitions, under three minutes in all. */
  readonly quick: boolean;
  /** The chart is written only together with the document. */
  readonly write: boolean;
}

export interface Row {
  readonly name: string;
  /** In words, as the table has it. */
  readonly target: string;
  readonly values: readonly number[];
  readonly digits: number;
  readonly unit?: string;
  /** The median must be at least, at most this; neither: reported only. */
  readonly least?: number;
  readonly most?: number;
  readonly note?: string;
}

export interface Figure {
  readonly number: number;
  readonly title: string;
  measure(options: Options): Promise<Row[]>;
}

export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function summaryOf(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { min: at(0), median, max: at(sorted.length - 1) };
}

/** Judged on what is printed: 0.9996 is shown as 1.00 and counts as that. */
export function verdictOf(row: Row): 'yes' | 'no' | 'reported' | 'not measured' {
  if (row.values.length === 0) return 'not measured';
  if (row.least === undefined && row.most === undefined) return 'reported';
  const { median } = summaryOf(row.values);
  const shown = Number(median.toFixed(row.digits));
  const fits = shown >= (row.least ?? -Infinity) && shown <= (row.most ?? Infinity);
  return fits ? 'yes' : 'no';
}

export function shown(row: Row, value: number): string {
  if (Number.isNaN(value)) return '–';
  const number = value.toLocaleString('en-US', {
    minimumFractionDigits: row.digits,
    maximumFractionDigits: row.digits,
  });
  return row.unit === undefined ? number : `${number} ${row.unit}`;
}

/** One after the other, so that no repetition disturbs another. */
export async function repeat<T>(times: number, once: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < times; index += 1) results.push(await once(index));
  return results;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const numbered = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
