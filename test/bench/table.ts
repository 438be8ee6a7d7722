/** The result on the terminal, and as a table of the document. */
import { type Figure, type Row, shown, summaryOf, verdictOf } from './rows.ts';

export interface Result {
  readonly figure: Pick<Figure, 'number' | 'title'>;
  readonly rows: readonly Row[];
  readonly seconds: number;
  /** Why there are no rows. */
  readonly trouble: string | null;
}

const heads = ['figure', 'target', 'min', 'median', 'max', 'met?'];

function cellsOf(row: Row): string[] {
  const { min, median, max } = summaryOf(row.values);
  return [row.name, row.target, shown(row, min), shown(row, median), shown(row, max), verdictOf(row)];
}

export function printResult({ figure, rows, seconds, trouble }: Result): void {
  console.log(`\n${figure.number}. ${figure.title} (${seconds.toFixed(0)} s)`);
  if (trouble !== null) console.log(`  not measured: ${trouble}`);
  for (const row of rows) {
    const [name = '', target = '', ...rest] = cellsOf(row);
    console.log(`  ${name.padEnd(58)}${target.padEnd(26)}${rest.map((cell) => cell.padStart(12)).join('')}`);
    if (row.note !== undefined) console.log(`      ${row.note}`);
  }
}

export function printHead(): void {
  const [name = '', target = '', ...rest] = heads;
  console.log(`  ${name.padEnd(58)}${target.padEnd(26)}${rest.map((cell) => cell.padStart(12)).join('')}`);
}

export function markdownTable(results: readonly Result[]): string {
  const lines = results.flatMap(({ figure, rows, trouble }) =>
    rows.length > 0
      ? rows.map((row) => [...cellsOf(row), String(row.values.length)])
      : [[figure.title, '', '–', '–', '–', `not measured in this version: ${trouble ?? ''}`, '0']],
  );
  const all = [[...heads, 'n'], ['---', '---', '---:', '---:', '---:', '---', '---:'], ...lines];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
