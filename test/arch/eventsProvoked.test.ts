/**
 * Every event of docs/events.md is provoked by a test: its name stands in an assertion of one. A look at the text only,
 * which shows that a test waits for the event, not that the test is good.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const documented = [
  ...readFileSync(path.join(root, 'docs/events.md'), 'utf8').matchAll(/^\| (`[^|]*) \|/gm),
].flatMap(([, cell = '']) => [...cell.matchAll(/`([a-zA-Z]+\.[a-zA-Z]+)`/g)].map(([, name = '']) => name));

const statements = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('arch'))
  .flatMap((file) => readFileSync(path.join(root, 'test', file), 'utf8').split(/;\s*\n/));

const isAsserted = (name: string) =>
  statements.some((statement) => {
    const at = statement.indexOf(`'${name}'`);
    return at >= 0 && /\bexpect\(/.test(statement);
  });

test('every documented event stands in an assertion', () => {
  expect(documented.length).toBeGreaterThan(30);
  expect(statements.length).toBeGreaterThan(1000);
  const missing = documented.filter((name) => !isAsserted(name));
  expect(
    missing.map(
      (name) =>
        `${name}: write a test that provokes it and expects '${name}', in test/unit/events.test.ts if it has no other home`,
    ),
  ).toEqual([]);
});
