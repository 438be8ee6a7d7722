/** docs/events.md is a contract: every event that the code can say stands in it, and it promises no other. docs/operations.md tells of each what to do. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const declared = [...read('shared/ports/events.ts').matchAll(/^ {2}\| '([a-zA-Z.]+)'/gm)].map(
  ([, name = '']) => name,
);

test('the events of the code and of the document are the same', () => {
  const documented = [...read('docs/events.md').matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-zA-Z]+\.[a-zA-Z]+)`/g)].map(([, name]) => name),
  );
  expect(declared.length).toBeGreaterThan(20);
  expect(new Set(documented)).toEqual(new Set(declared));
});

test('whoever an event wakes finds it in docs/operations.md', () => {
  const operations = read('docs/operations.md');
  expect(declared.filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
});
