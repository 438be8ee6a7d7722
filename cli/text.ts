/** How answers are written for people. Instants are in a form that --at takes. */
export type Row = readonly (string | null | undefined)[];

/** Columns as wide as their widest cell, two spaces apart; the first row is the head. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => (cell === null || cell === undefined || cell === '' ? '-' : cell)),
  );
  const widths = cells.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [],
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const [minute, hour, day] = [60, 3600, 86_400];

/** The two largest units would be more than anybody reads. */
export function ago(seconds: number): string {
  if (seconds < 2 * minute) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 2 * hour) return `${Math.floor(seconds / minute)} min`;
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)} h`;
  return `${Math.floor(seconds / day)} d`;
}

export const instant = (iso: string): string => iso.replace(/\.\d+(?=Z|[+-])/, '');

/** `140 stored, 1 gone`: what there is none of is left out. */
export function countsText(counts: Readonly<Record<string, number | undefined>>): string {
  const some = Object.entries(counts).filter(([, count]) => count !== undefined && count > 0);
  return some.map(([what, count]) => `${count} ${what}`).join(', ') || 'nothing';
}

export const number = (value: number): string => value.toLocaleString('en');
export const plural = (count: number, noun: string): string =>
  `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
