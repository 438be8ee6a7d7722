/** docs/moving-a-vault.md answers every statement of Microsoft's two documents, each with a test that is there. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const document = readFileSync(path.join(root, 'docs/moving-a-vault.md'), 'utf8');
/** What no test can show, and says so. */
const untested = new Set(['A3']);
const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

const rows = [...document.matchAll(/^\| ([AB]\d+) \| (.+) \| (.+) \| (.+) \|$/gm)].map(
  ([, id = '', says = '', does = '', shownBy = '']) => ({
    id,
    says,
    does,
    tests: [...shownBy.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  }),
);

test('every statement is a row, once, in order', () => {
  expect(rows.map(({ id }) => id)).toEqual([...numbered('A', 12), ...numbered('B', 10)]);
});

test.each(rows)('row $id is shown by tests that are there', ({ id, tests }) => {
  expect(tests.length > 0).toBe(!untested.has(id));
  expect(
    tests.filter((file) => !/^test\/.+\.test\.ts$/.test(file) || !existsSync(path.join(root, file))),
  ).toEqual([]);
});
