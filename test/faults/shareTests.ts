/** A share of the table as tests, one per cell: all begin at once, as many at a time as may, and each test awaits its row. */
import { beforeAll, expect, test } from 'vitest';
import type { Cell } from './cells.ts';
import type { Row } from './runCell.ts';
import { runCells } from './runCells.ts';

export function testCells(cells: readonly Cell[]): void {
  const rows = new Map(cells.map((cell) => [cell, promised<Row>()]));
  beforeAll(() => {
    const fail = (error: unknown) => rows.forEach(({ reject }) => reject(error));
    for (const { promise } of rows.values()) promise.catch(() => undefined);
    void runCells(cells, (row) => rows.get(row.cell)?.resolve(row)).catch(fail);
  });
  const cases = [...rows].map(([{ name }, { promise }]) => ({ name, promise }));
  test.each(cases)('$name', async ({ promise }) => {
    expect((await promise).problems).toEqual([]);
  });
}

function promised<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
